"""The layers of a model as a table; those of a model among them stand indented below it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click

from modelforge.catalog.own.backbones import TOLD
from modelforge.findings import counted

Row = dict[str, Any]

UNTOLD = "?"  # a dtype that is not certain


def print_layers(name: str, rows: list[Row]) -> None:
    """Prints the rows that `show` has found, and how many parameters there are in all."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(title=name, box=box.SIMPLE_HEAD, title_justify="left")
    table.add_column("layer", overflow="fold")
    table.add_column("class", overflow="fold")
    table.add_column("output shape", no_wrap=True)
    dtypes = _tells_dtypes(rows)
    if dtypes:
        table.add_column("dtype", no_wrap=True)
    table.add_column("parameters", justify="right")
    table.add_column("called on", overflow="fold")
    for depth, row in _in_depth(rows):
        name = "  " * depth + row["name"]
        told = [_dtype(row["dtype"])] if dtypes else []
        parameters, sources = f"{row['parameters']:,}", ", ".join(row["sources"])
        table.add_row(name, row["class"], str(row["shape"]), *told, parameters, sources)
    # A pipe has no width to fit into.
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else 200).print(table)
    for _, row in _in_depth(rows):
        if row.get("preprocessing"):
            click.echo(f"{row['name']}: {TOLD[row['preprocessing']]}")
    total = sum(row["parameters"] for row in rows)
    trainable = sum(row["trainable"] for row in rows)
    parameters = counted(total, "parameter")
    click.echo(f"{_count(rows)}, {parameters}, {trainable:,} of them trainable")


def _tells_dtypes(rows: list[Row]) -> bool:
    """Whether there is something to tell: other than float32 alone."""
    return any(_dtype(row["dtype"]) not in ("float32", UNTOLD) for _, row in _in_depth(rows))


def _dtype(dtypes: str | list[str | None] | None) -> str:
    """One for each output; a single one where they are alike."""
    each = dtypes if isinstance(dtypes, list) else [dtypes]
    names = [dtype or UNTOLD for dtype in each]
    return names[0] if len(set(names)) == 1 else ", ".join(names)


def _in_depth(rows: Iterable[Row], depth: int = 0) -> Iterator[tuple[int, Row]]:
    for row in rows:
        yield depth, row
        yield from _in_depth(row.get("layers", ()), depth + 1)


def _count(rows: list[Row]) -> str:
    inside = sum(depth > 0 for depth, _ in _in_depth(rows))
    return counted(len(rows), "layer") + (f" and {inside} inside of them" if inside else "")
