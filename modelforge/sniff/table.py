"""A CSV file as columns of text, read strictly, and what kind of values a column holds."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "?")
MOST_CHARACTERS = 65_536  # of one value; a quote that is never closed swallows the rest of a file
TRUE = ("true", "yes", "t", "y", "1")
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
FALSE = ("false", "no", "f", "n", "0")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_MOST_PROBLEMS = 5

ColumnKind = Literal["boolean", "integer", "number", "text", "empty"]
Complain = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of text by name, all equally long; lines: where each row ends in the file."""

    columns: dict[str, list[str]]
    lines: list[int]

    def __len__(self) -> int:
        return len(self.lines)


def read_table(path: Path, delimiter: str, complain: Complain) -> Table | None:
    """The table; None after `complain(rule, message)` was called at least once."""
    complaints: list[str] = []

    def tell(rule: str, message: str) -> None:
        complaints.append(rule)
        if len(complaints) <= _MOST_PROBLEMS:
            complain(rule, message)

    table = _read(path, delimiter, tell)
    if table is not None and not complaints and not table.lines:
        tell("no-rows", f"{path.name} has a header and no rows")
    if len(complaints) > _MOST_PROBLEMS:
        complain(complaints[-1], f"... and {len(complaints) - _MOST_PROBLEMS} more such lines")
    return None if complaints else table


def _read(path: Path, delimiter: str, tell: Complain) -> Table | None:
    text = _decode(path, tell)
    if text is None:
        return None
    rows = _rows(text, delimiter, tell)
    _, header = next(rows, (0, []))
    names = [name.strip() for name in header]
    if not _header_is_good(names, path, tell):
        return None
    columns: list[list[str]] = [[] for _ in names]
    lines = []
    for line, row in rows:
        if len(row) != len(names):
            tell(
                "ragged-row",
                f"line {line} of {path.name} has {len(row)} values, "
                f"the header names {len(names)} columns",
            )
            continue
        lines.append(line)
        for column, value in zip(columns, row, strict=True):
            column.append(value.strip())
    return Table(dict(zip(names, columns, strict=True)), lines)


def _decode(path: Path, tell: Complain) -> str | None:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if b"\0" in content[:4096] and content[:2] not in UTF16_MARKS:
            tell("not-text", f"{path.name} holds NUL bytes; this is no text file")
            return None
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        tell("not-utf-8", _not_utf8(path, content, f"line {line} of {path.name}", byte))
        return None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        tell("not-text", f"line {line} of {path.name} holds a NUL byte; this is no text file")
        return None
    return text


def _not_utf8(path: Path, content: bytes, where: str, byte: int) -> str:
    encoding = "UTF-16" if content[:2] in UTF16_MARKS else "WINDOWS-1252"
    return (
        f"{where} is not UTF-8 text (byte 0x{byte:02x}); save it as UTF-8, for example with "
        f"`iconv -f {encoding} -t UTF-8 {path.name}`"
    )


def _rows(text: str, delimiter: str, tell: Complain) -> Iterator[tuple[int, list[str]]]:
    """The rows with their line numbers, blank lines left out."""
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    csv.field_size_limit(MOST_CHARACTERS)
    start = 1
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
            start = reader.line_num + 1
    except csv.Error as error:
        why = "a quote is not closed" if "unexpected end" in str(error) else str(error)
        tell("malformed-row", f"the row that begins in line {start} cannot be read: {why}")


def _lines(text: str) -> Iterator[str]:
    # str.splitlines would also break at form feeds and Unicode separators within a value.
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        yield line + "\n"


def _header_is_good(names: Sequence[str], path: Path, tell: Complain) -> bool:
    good = bool(names)
    if not names:
        tell("no-header", f"{path.name} is empty; its first line is to name the columns")
    for number, name in enumerate(names, 1):
        if not name:
            tell("unnamed-column", f"column {number} of {path.name} has no name in the header")
            good = False
        elif name in names[: number - 1]:
            first = names.index(name) + 1
            tell(
                "duplicate-column",
                f"columns {first} and {number} of {path.name} are both named `{name}`",
            )
            good = False
    return good


def number(text: str) -> float | None:
    """The finite number that a text is, or None; `1,5`, `0x10`, `nan` and `1e400` are none."""
    if not _NUMBER.fullmatch(text):
        return None
    found = float(text)
    return found if math.isfinite(found) else None


def boolean(text: str) -> bool | None:
    """The truth value that a text is, or None."""
    folded = text.lower()
    return True if folded in TRUE else False if folded in FALSE else None


def column_kind(values: Sequence[str], missing: Collection[str] = MISSING) -> ColumnKind:
    """What all present values of a column are."""
    present = {value for value in values if value not in missing}
    if not present:
        return "empty"
    numbers = [number(value) for value in present]
    if all(found is not None for found in numbers):
        whole = all(_is_whole(value) for value in present)
        return "integer" if whole else "number"
    folded = {value.lower() for value in present}
    return "boolean" if folded <= {*TRUE, *FALSE} - {"0", "1"} else "text"


def _is_whole(text: str) -> bool:
    return text.lstrip("+-").isdigit()


def odd_ones(values: Sequence[str], missing: Collection[str] = MISSING) -> set[str]:
    """The few values that are no numbers in a column where nearly all others are."""
    present = {value for value in values if value not in missing}
    odd = {value for value in present if number(value) is None}
    return odd if len(odd) <= 0.1 * len(present) and len(present) - len(odd) >= 10 else set()


def has_decimal_commas(values: Sequence[str], missing: Collection[str] = MISSING) -> bool:
    """Whether every present value is a number, some of them with a comma for the point."""
    present = {value for value in values if value not in missing}
    good = all(number(value.replace(",", ".", 1)) is not None for value in present)
    return good and any("," in value for value in present)


def looks_like_id(values: Sequence[str], kind: ColumnKind) -> bool:
    """Whether a column only numbers or names the rows, so that nothing can be learned from it."""
    rows = len(values)
    if rows < 20 or kind in ("number", "boolean", "empty"):
        return False
    different = len(set(values))
    if kind == "text":
        return different > 0.9 * rows
    if different < rows:
        return False
    numbers = [int(value) for value in values if _is_whole(value)]
    return len(numbers) == rows and max(numbers) - min(numbers) == rows - 1


def target_is_classes(values: Sequence[str], kind: ColumnKind) -> bool:
    """Whether a target of this kind names classes rather than being a number."""
    if kind == "integer":
        return len(set(values)) <= min(20, max(2, len(values) // 5))
    return kind in ("text", "boolean")


def one_to_one(values: Sequence[str], others: Sequence[str]) -> bool:
    """Whether each of two columns tells the other."""
    pairs = set(zip(values, others, strict=True))
    return len(pairs) == len(set(values)) == len(set(others))
