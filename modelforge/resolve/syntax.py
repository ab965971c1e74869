"""The syntax tree of an expression; every node has its offsets in the text.

Named tuples are made five times as fast as frozen dataclasses, and every command makes these.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from modelforge.document import Plain


class Literal(NamedTuple):
    """A number, a text, true, false or null."""

    value: Plain
    start: int
    end: int


class Name(NamedTuple):
    """A variable, `env.NAME` or `data.fact`, dots included."""

    name: str
    start: int
    end: int


class Items(NamedTuple):
    """`[a, b]`."""

    items: tuple[Tree, ...]
    start: int
    end: int


class Unary(NamedTuple):
    """`-a`, `+a`, `not a`; start and end are the operator's."""

    operator: str
    operand: Tree
    start: int
    end: int


class Binary(NamedTuple):
    """`a + b`, `a and b`; start and end are the operator's."""

    operator: str
    left: Tree
    right: Tree
    start: int
    end: int


class Comparison(NamedTuple):
    """`a < b <= c`: all of them hold, as in Python."""

    first: Tree
    rest: tuple[tuple[str, Tree], ...]
    start: int
    end: int


class Conditional(NamedTuple):
    """`a if condition else b`."""

    then: Tree
    condition: Tree
    otherwise: Tree
    start: int
    end: int


class Index(NamedTuple):
    """`a[i]`."""

    value: Tree
    position: Tree
    start: int
    end: int


class Call(NamedTuple):
    """`max(a, b)`; start and end are the function name's."""

    function: str
    arguments: tuple[Tree, ...]
    start: int
    end: int


Tree = Literal | Name | Items | Unary | Binary | Comparison | Conditional | Index | Call


def names(tree: Tree) -> Iterator[Name]:
    """Every name in an expression, from left to right."""
    match tree:
        case Name():
            yield tree
        case Literal():
            pass
        case Items(items=parts) | Call(arguments=parts):
            for part in parts:
                yield from names(part)
        case Unary():
            yield from names(tree.operand)
        case Binary():
            yield from names(tree.left)
            yield from names(tree.right)
        case Comparison():
            yield from names(tree.first)
            for _, part in tree.rest:
                yield from names(part)
        case Conditional():
            for part in (tree.then, tree.condition, tree.otherwise):
                yield from names(part)
        case Index():
            yield from names(tree.value)
            yield from names(tree.position)
