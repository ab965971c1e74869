"""The labels that one cell of a table lists, and the separator between them that was meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

SEPARATORS = ("|", ";", ",", "/", " ")


def split_labels(cell: str, separator: str) -> tuple[str, ...]:
    """The labels of a cell, each once, in the order of the cell; blanks around them do not count.

    >>> split_labels("beach; sunset;;beach", ";")
    ('beach', 'sunset')
    >>> split_labels("", ";")
    ()
    """
    return tuple(dict.fromkeys(label for part in cell.split(separator) if (label := part.strip())))


def other_separator(cells: Iterable[str], separator: str) -> str:
    """The separator that was probably meant; empty where the written one is as good as any.

    That is one at which cells fall into fewer different labels, where the written one divides none.
    """
    different = {cell for cell in cells if cell}
    if any(len(split_labels(cell, separator)) > 1 for cell in different):
        return ""
    for other in SEPARATORS:
        labels = {label for cell in different for label in split_labels(cell, other)}
        if other != separator and len(labels) < len(different):
            return other
    return ""


def is_printed_list(cells: Sequence[str]) -> bool:
    """Whether the cells are lists as Python or JSON writes them: `['beach', 'sunset']`."""
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(cell[0] == "[" and cell[-1] == "]" for cell in filled)
