"""Which names the expressions in a node speak of."""

from __future__ import annotations

from collections.abc import Iterator

from modelforge.document import Node, every_scalar
from modelforge.resolve.parser import parse_expression
from modelforge.resolve.syntax import Name, names
from modelforge.resolve.template import cut
from modelforge.resolve.values import ExpressionError


def mentions(node: Node) -> Iterator[Name]:
    """The names, in no particular order; none of an expression that cannot be read."""
    for scalar in every_scalar(node):
        if isinstance(scalar.value, str) and "${" in scalar.value:
            for piece in cut(scalar.value):
                if piece.is_expression:
                    yield from _names(piece.text)


def _names(expression: str) -> list[Name]:
    try:
        return list(names(parse_expression(expression)))
    except ExpressionError:
        return []  # reported when it is computed
