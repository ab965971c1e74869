"""The layers of a model as a table; those of a model among them stand indented below it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click

from modelforge.findings import counted

Row = dict[str, Any]


def print_layers(name: str, rows: list[Row]) -> None:
    """Prints the rows that `show` has found, and how many parameters there are in all."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(title=name, box=box.SIMPLE_HEAD, title_justify="left")
    table.add_column("layer", overflow="fold")
    table.add_column("class", overflow="fold")
    table.add_column("output shape", no_wrap=True)
    table.add_column("parameters", justify="right")
    table.add_column("called on", overflow="fold")
    for depth, row in _in_depth(rows):
        shape, sources = str(row["shape"]), ", ".join(row["sources"])
        name = "  " * depth + row["name"]
        table.add_row(name, row["class"], shape, f"{row['parameters']:,}", sources)
    # A pipe has no width to fit into.
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else 200).print(table)
    total = sum(row["parameters"] for row in rows)
    trainable = sum(row["trainable"] for row in rows)
    parameters = counted(total, "parameter")
    click.echo(f"{_count(rows)}, {parameters}, {trainable:,} of them trainable")


def _in_depth(rows: Iterable[Row], depth: int = 0) -> Iterator[tuple[int, Row]]:
    for row in rows:
        yield depth, row
        yield from _in_depth(row.get("layers", ()), depth + 1)


def _count(rows: list[Row]) -> str:
    inside = sum(depth > 0 for depth, _ in _in_depth(rows))
    return counted(len(rows), "layer") + (f" and {inside} inside of them" if inside else "")
