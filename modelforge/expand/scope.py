"""Names inside a model, a block, a branch: what they stand for is known when all is expanded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from modelforge.catalog.naming import free_name
from modelforge.document import Entry
from modelforge.findings import Span


@dataclass(eq=False)
class Made:
    """A layer that expansion has made.

    name: its whole name; None until it is known (then it is made from `stem`).
    source: what it is called on where nothing is written, else the `from` node is.
    sources: what a merging layer of `parallel` is called on.
    """

    word: Entry
    scope: Scope
    stem: str
    name: str | None = None
    name_span: Span | None = None
    source: Reference = None
    written: Entry | None = None
    sources: tuple[Reference, ...] | None = None
    call: Entry | None = None
    is_use: bool = False
    merges: bool = False


@dataclass(frozen=True, eq=False)
class Named:
    """A name in a `from`, to be looked up in the scope where it was written."""

    name: str
    span: Span
    scope: Scope


# A layer, a name still to be looked up, a name that stands outside, or nothing that is known.
Reference = Made | Named | str | None


@dataclass(eq=False)
class Scope:
    """prefix: what every name in it begins with, a dot at its end where it is not empty.

    parent: the scope whose names can be used here too; None in a model and in a block.
    absent: the names of what an `if` has left out, and where it is written.
    """

    prefix: str
    parent: Scope | None = None
    block: str = ""
    names: dict[str, Reference] = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)
    absent: dict[str, Span] = field(default_factory=dict)

    def part(self, stem: str) -> str:
        """A name for an item without one, and that no other item here has."""
        name = free_name(stem, self.parts, self.numbers)
        self.parts.add(name.lower())
        return name

    def inner(self, part: str) -> Scope:
        """The scope of a branch or a repetition in this one."""
        return Scope(f"{self.prefix}{part}.", self, self.block)

    def find(self, name: str) -> Reference:
        """What a name stands for here or around here; None where it is unknown."""
        for scope in self.around():
            if name in scope.names:
                return scope.names[name]
        return None

    def around(self) -> Iterator[Scope]:
        """This scope and those whose names can be used here too."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    @property
    def root(self) -> Scope:
        """The scope of the model or the block that this one is in."""
        return list(self.around())[-1]
