"""Values that only the data will tell: an expression over `data.*` before the data is opened."""

from __future__ import annotations

from dataclasses import dataclass, replace

from modelforge.document import Entry, Mapping, Node, Plain, Scalar, Sequence
from modelforge.findings import Span
from modelforge.resolve.values import as_literal


@dataclass(slots=True)
class Waiting(Scalar):
    """A scalar whose value is the text `${...}` for now; variables in it are written out.

    expression: what computes the whole value, also where the text has literal parts.
    """

    expression: str = ""


def contains_waiting(node: Node) -> bool:
    """Whether a value is not wholly known yet."""
    if isinstance(node, Sequence):
        return any(contains_waiting(item) for item in node.items)
    if isinstance(node, Mapping):
        return any(contains_waiting(entry.value) for entry in node)
    return isinstance(node, Waiting)


def as_expression(node: Node) -> str | None:
    """A value as a part of an expression; None where none can say it (mappings)."""
    if isinstance(node, Waiting):
        is_name = node.expression.replace(".", "_").isidentifier()
        return node.expression if is_name else f"({node.expression})"
    if isinstance(node, Scalar):
        return as_literal(node.value)
    if isinstance(node, Mapping):
        return None
    items = [as_expression(item) for item in node.items]
    known = [item for item in items if item is not None]
    return f"[{', '.join(known)}]" if len(known) == len(items) else None


def placed(node: Node, span: Span) -> Node:
    """A variable's value where it is used; its parts stay where they were written."""
    if isinstance(node, Scalar):
        return replace(node, span=span, origin=node.origin or node.span)
    if isinstance(node, Sequence):
        return Sequence(node.items, span)
    return Mapping(node.entries, span)


def made(value: Plain, span: Span, origin: Span | None) -> Node:
    """A computed value as a node."""
    if isinstance(value, list):
        return Sequence([made(item, span, origin) for item in value], span)
    if isinstance(value, dict):
        entries = {key: Entry(key, span, made(item, span, origin)) for key, item in value.items()}
        return Mapping(entries, span)
    return Scalar(value, span, isinstance(value, str), origin)


def size(node: Node) -> int:
    """The nodes of a tree; a long text counts as several."""
    if isinstance(node, Scalar):
        return 1 + (len(node.value) // 64 if isinstance(node.value, str) else 0)
    if isinstance(node, Sequence):
        return 1 + sum(size(item) for item in node.items)
    return 1 + sum(size(entry.value) for entry in node)


def height(node: Node) -> int:
    """The levels of a tree; 0 for a scalar."""
    if isinstance(node, Scalar):
        return 0
    children = node.items if isinstance(node, Sequence) else [entry.value for entry in node]
    return 1 + max(map(height, children), default=0)
