"""What is told of each phase of a run: foreseen without TensorFlow, and printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeVar

import click

if TYPE_CHECKING:
    from modelforge.graph import Graph, Loaded
    from modelforge.graph.shapes.known import Known
    from modelforge.spec import TrainSection

Told = TypeVar("Told")


class HasLines(Protocol):
    """What can be told to people."""

    def lines(self) -> list[str]:
        """A line for each thing to tell."""


def foreseen_by_phase(
    loaded: Loaded,
    foresee: Callable[[Graph, Mapping[str, Known], TrainSection], Told | None],
) -> dict[str, Told] | None:
    """By name what is foreseen of each phase; None where it cannot be of one of them.

    A run without phases is one that has no name.
    """
    found: dict[str, Told] = {}
    for phase in loaded.spec.train.parts if loaded.spec.train is not None else ():
        told = foresee(loaded.graph, loaded.known, phase.train)
        if told is None:
            return None
        found[phase.name] = told
    return found


def print_by_phase(head: str, by_phase: Mapping[str, HasLines], nothing: str) -> None:
    """Prints it phase by phase; nothing: what is said of a phase of which there is none."""
    for name, told in by_phase.items():
        lines = told.lines()
        if lines or name:
            click.echo(f"\n{head} in the phase `{name}`:" if name else f"\n{head}:")
            click.echo("".join(f"  {line}\n" for line in lines or [nothing]), nl=False)
