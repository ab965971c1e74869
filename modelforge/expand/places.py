"""Nodes that come into the model through a use: their places tell which one it was."""

from __future__ import annotations

from dataclasses import replace

from modelforge.document import Entry, Mapping, Node, Plain, Scalar, Sequence
from modelforge.findings import Related, Span
from modelforge.resolve.values import as_text

_LONGEST = 40  # characters of a value in a message


def used(node: Node, uses: tuple[Related, ...]) -> Node:
    """The node with these uses on every place in it."""
    if not uses:
        return node
    if type(node) is Scalar:
        return Scalar(node.value, node.span.used(uses), node.quoted, node.origin)
    if isinstance(node, Scalar):
        return replace(node, span=node.span.used(uses))
    if isinstance(node, Sequence):
        return Sequence([used(item, uses) for item in node.items], node.span.used(uses))
    entries = {
        entry.key: Entry(entry.key, entry.key_span.used(uses), used(entry.value, uses))
        for entry in node
    }
    return Mapping(entries, node.span.used(uses))


def use(span: Span, what: str, values: dict[str, Plain]) -> Related:
    """A use as a finding tells it: `used with filters = 64`."""
    told = [f"{name} = {_shown(value)}" for name, value in values.items()]
    label = f"{what} with {', '.join(told)}" if told else what
    return Related(span.used(()), label)


def _shown(value: Plain) -> str:
    text = str(value) if isinstance(value, list | dict) else as_text(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
