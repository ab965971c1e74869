"""A place in a text that a user wrote."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple


@dataclass(frozen=True, eq=False)
class Source:
    """A text and the name under which messages speak of it: a path, `--set`, or `<stdin>`.

    extended: where another spec says that it extends this one; None for a text that stands alone.
    """

    name: str
    text: str = field(repr=False)
    extended: Span | None = field(repr=False, default=None)

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends; only YAML's own line breaks separate them."""
        return self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def line(self, number: int) -> str:
        """The line with this 1-based number; empty past the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


@dataclass(frozen=True)
class Related:
    """Another place that has to do with a finding, and why."""

    span: Span
    label: str


class Span(NamedTuple):
    """From a first character (inclusive) to a last (exclusive); lines and columns count from 1.

    A named tuple, because a spec of 10,000 layers has some 100,000 of them.

    uses: through what this text came to stand where it does (the use of a block, a repetition);
    a text that is used ten times has ten spans, which differ in nothing else.
    """

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int
    uses: tuple[Related, ...] = ()

    def used(self, uses: tuple[Related, ...]) -> Span:
        """The same place with these uses; a sixth of the time of `_replace`."""
        return tuple.__new__(Span, (*self[:5], uses))

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"

    def first_line(self) -> Span:
        """The part of this span that lies on its first line, for carets."""
        if self.line == self.end_line:
            return self
        width = len(self.source.line(self.line).rstrip())
        return self._replace(end_line=self.line, end_column=max(self.column + 1, width + 1))
