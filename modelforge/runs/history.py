"""A run's numbers, epoch by epoch: `history.jsonl` for programs, `history.csv` for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from modelforge.runs import files

Row = Mapping[str, Any]
NOT_VALUES = frozenset({"epoch", "phase", "seconds"})  # columns that say no value of the epoch


class History:
    """The rows of a run; each has `epoch` (from 1), `seconds`, and the epoch's values.

    Of a run in phases it has the name of its `phase`, too.
    """

    def __init__(self, folder: Path, rows: Sequence[Row] = ()) -> None:
        self._folder = folder
        self.rows: list[Row] = list(rows)

    def add(self, row: Row) -> None:
        """Adds an epoch; `write` puts it on the disk."""
        self.rows.append(dict(row))

    def write(self) -> None:
        """Writes both files whole, so that neither can be torn."""
        lines = "".join(json.dumps(row) + "\n" for row in self.rows)
        files.write_text(self._folder / "history.jsonl", lines)
        files.write_text(self._folder / "history.csv", _csv(self.rows))


def read_history(folder: Path) -> list[Row]:
    """The rows of a run folder, oldest first; lines that cannot be read are left out."""
    path = folder / "history.jsonl"
    if not path.exists():
        return []
    rows: list[Row] = []
    for line in path.read_bytes().splitlines():
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict) and type(row.get("epoch")) is int:
            rows.append(row)
    return rows


def _csv(rows: Sequence[Row]) -> str:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
