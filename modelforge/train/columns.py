"""The epochs of a run as a table that fits a terminal: the training value beside the validation's.

epoch         loss        sparse_categorical_accuracy
          train     val            train     val
 1/20    1.8733  0.8839           0.4492  0.8022   1.4s  best
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

VALIDATION = "val_"
_NUMBER = 9  # the widest that `number` writes: -1.234e-05 is rarer than a narrow terminal
_GAP = "  "
_TAIL = len(_GAP + "1234.5s" + _GAP + "best")


@dataclass(frozen=True)
class Columns:
    """Which values are shown, and how wide. names: without `val_`; validated: there are two."""

    names: tuple[str, ...]
    widths: tuple[int, ...]
    validated: bool
    first: int

    @classmethod
    def fitting(cls, values: Sequence[str], epochs: int, width: int) -> Columns:
        """The columns for these values; those that a narrow terminal has no room for are left out.

        The report and `history.csv` have them all.
        """
        names = [name for name in values if not name.startswith(VALIDATION)]
        validated = any(name.startswith(VALIDATION) for name in values)
        least = 2 * _NUMBER + 2 if validated else _NUMBER
        first = max(len("epoch"), 2 * len(str(epochs)) + 1)
        left = width - first - _TAIL
        shown: list[str] = []
        widths: list[int] = []
        for name in names:
            if left < least + len(_GAP) and shown:
                break
            widths.append(max(least, min(len(name), left - len(_GAP))))
            shown.append(name)
            left -= widths[-1] + len(_GAP)
        return cls(tuple(shown), tuple(widths), validated, first)

    def head(self) -> list[str]:
        """The lines above the table."""
        names = [_cut(name, width) for name, width in zip(self.names, self.widths, strict=True)]
        lines = [self._line("epoch", names)]
        if self.validated:
            pair = f"{'train':>{_NUMBER}}{_GAP}{'val':>{_NUMBER}}"
            lines.append(self._line("", [pair] * len(self.names)))
        return lines

    def row(self, epoch: str, values: Mapping[str, str], tail: str) -> str:
        """An epoch's line; values: as text, by name."""
        cells = []
        for name in self.names:
            cell = f"{values.get(name, '-'):>{_NUMBER}}"
            if self.validated:
                cell += f"{_GAP}{values.get(VALIDATION + name, '-'):>{_NUMBER}}"
            cells.append(cell)
        return self._line(epoch, cells) + _GAP + tail

    def _line(self, first: str, cells: Sequence[str]) -> str:
        parts = [f"{cell:>{width}}" for cell, width in zip(cells, self.widths, strict=True)]
        return _GAP.join([f"{first:>{self.first}}", *parts]).rstrip()


def _cut(name: str, width: int) -> str:
    return name if len(name) <= width else name[: width - 1] + "…"
