"""The nodes of a YAML document: values that know where they were written.

Nodes are not changed after they are made; they are not frozen dataclasses only because making
those costs three times as much, and a large spec has a hundred thousand nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from modelforge.findings import Span

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"
Path = tuple[str | int, ...]


@dataclass(slots=True)
class Scalar:
    """A single value of the YAML 1.2 core schema, quoted or plain.

    origin: where the value was written, if that is not `span` (a variable, an alias).
    """

    value: bool | int | float | str | None
    span: Span
    quoted: bool = False
    origin: Span | None = None


@dataclass(slots=True)
class Broken(Scalar):
    """Stands for a value that could not be read and has been reported.

    Its text passes everywhere, as an expression does, so that nothing is blamed twice.
    """


def broken(span: Span) -> Broken:
    """A value that could not be read."""
    return Broken("${...}", span)


@dataclass(slots=True)
class Sequence:
    """A list."""

    items: list[Node]
    span: Span


@dataclass(slots=True)
class Entry:
    """A key and its value; keys are text, whatever YAML would make of them (`1:` is "1")."""

    key: str
    key_span: Span
    value: Node


@dataclass(slots=True)
class Mapping:
    """A mapping, in the order in which it was written; keys are unique."""

    entries: dict[str, Entry]
    span: Span

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        entry = self.entries.get(key)
        return entry.value if entry else None

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())


Node = Scalar | Sequence | Mapping


def plain(node: Node) -> Plain:
    """The node as ordinary Python values."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(entry.value) for key, entry in node.entries.items()}


def at(node: Node, path: Path) -> Node | None:
    """The node at a path of keys and list positions, or None."""
    current: Node | None = node
    for step in path:
        if isinstance(current, Mapping):
            current = current.get(str(step))
        elif isinstance(current, Sequence) and isinstance(step, int):
            current = (
                current.items[step] if -len(current.items) <= step < len(current.items) else None
            )
        else:
            return None
    return current


def key_span(node: Node, path: Path) -> Span:
    """The span to blame for what stands at a path: its key if it has one, else the value itself."""
    if not path:
        return node.span
    parent = at(node, path[:-1])
    if isinstance(parent, Mapping) and str(path[-1]) in parent.entries:
        return parent.entries[str(path[-1])].key_span
    found = at(node, path)
    return found.span if found is not None else node.span


def every_scalar(node: Node) -> Iterator[Scalar]:
    """Every scalar in a node, in no particular order."""
    return (found for found in _every(node) if isinstance(found, Scalar))


def every_entry(node: Node) -> Iterator[Entry]:
    """Every entry of every mapping in a node, in no particular order."""
    return (entry for found in _every(node) if isinstance(found, Mapping) for entry in found)


def _every(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        if isinstance(current, Sequence):
            stack.extend(current.items)
        elif isinstance(current, Mapping):
            stack.extend(entry.value for entry in current)
