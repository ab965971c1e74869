"""Rows of predictions as a table for people, as CSV, as JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from modelforge.catalog.own.targets import SEPARATOR

Row = Mapping[str, Any]
FORMATS = ("table", "csv", "jsonl")


def render(rows: Sequence[Row], form: str) -> str:
    """The rows in one of FORMATS, ending in a newline."""
    return {"table": as_table, "csv": as_csv, "jsonl": as_json_lines}[form](rows)


def as_table(rows: Sequence[Row]) -> str:
    """Aligned columns, numbers to the right, four decimals."""
    columns = _columns(rows)
    cells = [[_shown(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(line[i]) for line in [columns, *cells]) for i in range(len(columns))]
    numeric = [all(isinstance(row.get(c), (int, float)) for row in rows) for c in columns]
    return "".join(_line(line, widths, numeric) for line in [columns, *cells])


def as_csv(rows: Sequence[Row]) -> str:
    """With a header, as spreadsheets read it; between several values of a cell stands `;`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _columns(rows), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _joined(cell) for key, cell in row.items()} for row in rows)
    return text.getvalue()


def as_json_lines(rows: Sequence[Row]) -> str:
    """One object a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _joined(cell: Any) -> Any:
    return SEPARATOR.join(map(str, cell)) if isinstance(cell, list) else cell


def _columns(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(key for row in rows for key in row))


def _line(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    padded = (
        cell.rjust(width) if number else cell.ljust(width)
        for cell, width, number in zip(cells, widths, numeric, strict=True)
    )
    return "  ".join(padded).rstrip() + "\n"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"{SEPARATOR} ".join(map(_shown, value))
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 1e6 else f"{value:.6g}"
    # A control character in a file's name must not reach the terminal.
    return "".join(c if c.isprintable() else "?" for c in str(value)) if value is not None else ""
