"""A CSV file opened as a table, and whether it has the columns that a source names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from modelforge.data.place import Request
from modelforge.findings import Span, did_you_mean, listed
from modelforge.sniff.table import Table, read_table


def open_table(path: Path, request: Request, argument: str = "path") -> Table | None:
    """The table; None after a finding at the argument that names it."""
    delimiter = request.get("delimiter", ",")
    if len(delimiter) != 1:
        request.error(
            "delimiter", f"the delimiter `{delimiter}` is not a single character", "delimiter"
        )
        return None
    table = read_table(path, delimiter, lambda rule, why: request.error(rule, why, argument))
    if (
        table is not None
        and len(table.columns) == 1
        and any(other in next(iter(table.columns)) for other in ";\t|,")
    ):
        other = next(o for o in ";\t|," if o in next(iter(table.columns)))
        shown = {"\t": '"\\t"'}.get(other, f'"{other}"')
        request.error(
            "single-column",
            f"{path.name} has a single column, `{next(iter(table.columns))[:60]}`",
            argument,
            notes=(f"is it delimited otherwise? write `delimiter: {shown}`",),
        )
        return None
    return table


def columns_exist(table: Table, named: Sequence[tuple[Span, str]], request: Request) -> bool:
    """Whether the targets' columns are there, and others, each with the place that names it."""
    targets = [(target.span, name) for target in request.targets for name in target.columns]
    absent = [(span, name) for span, name in (*targets, *named) if name not in table.columns]
    for span, name in absent:
        request.findings.error(
            "unknown-column",
            f"there is no column `{name}`",
            span,
            hint=did_you_mean(name, table.columns),
            notes=(f"columns of the file: {listed(table.columns)}",),
        )
    return not absent
