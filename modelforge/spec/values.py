"""The values of a spec: plain ones, objects in the one form, and what only the data will tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from modelforge.findings import Span

PlainScalar: TypeAlias = "bool | int | float | str | None"
Value: TypeAlias = "PlainScalar | tuple[Value, ...] | Mapping[str, Value] | Object | Deferred"


@dataclass(frozen=True, slots=True)
class Deferred:
    """`${...}` over `data.*`: its value is known once the data has been opened."""

    expression: str
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Object:
    """A word with its arguments: `Name`, `Name: value` or `Name: {argument: value}`.

    name is canonical (`Conv2D` for `Convolution2D`, `Adam` for `adam`); arguments are the ones
    that were written, under Keras's names. span covers the word; spans the arguments' keys, or
    the values where the short form was used.
    """

    kind: str
    name: str
    arguments: Mapping[str, Value]
    span: Span = field(compare=False)
    spans: Mapping[str, Span] = field(compare=False, default_factory=dict)

    def span_of(self, argument: str) -> Span:
        """The place to blame for an argument: where it was written, else the word."""
        return self.spans.get(argument, self.span)
