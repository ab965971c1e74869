"""A mapping or list whose end has not been reached yet."""

from __future__ import annotations

from modelforge.document.nodes import Entry, Mapping, Node, Sequence
from modelforge.findings import Span


class Frame:
    """What the composer must remember about an open mapping or list.

    extra: nodes in it beyond its own items, to know what an alias to it would bring.
    height: levels below it. merged: the value of its `<<` key and the place of that key.
    spoilt: a key could not be read, so that what it holds says nothing about what was meant.
    """

    __slots__ = (
        "anchor",
        "bad_key",
        "entries",
        "extra",
        "flow",
        "height",
        "items",
        "key",
        "key_span",
        "merged",
        "merging",
        "node",
        "spoilt",
    )

    def __init__(self, node: Mapping | Sequence, anchor: str | None, flow: bool) -> None:
        self.node = node
        self.anchor = anchor
        self.flow = flow
        self.entries: dict[str, Entry] | None = None
        self.items: list[Node] = []
        if isinstance(node, Mapping):
            self.entries = node.entries
        else:
            self.items = node.items
        self.key: str | None = None
        self.key_span: Span | None = None
        self.bad_key = False
        self.spoilt = False
        self.merging = False
        self.merged: tuple[Node, Span] | None = None
        self.extra = 0
        self.height = 1

    @property
    def size(self) -> int:
        """The nodes of this collection, itself included."""
        own = self.items if self.entries is None else self.entries
        return 1 + len(own) + self.extra

    def carry(self, child: Frame) -> None:
        """Takes over the measures of a collection that has ended inside this one."""
        self.extra += child.size - 1
        self.height = max(self.height, child.height + 1)

    def refuse_key(self, span: Span) -> None:
        """Lets the next value go: its key has been reported."""
        self.key, self.key_span, self.bad_key = "", span, True
        self.spoilt = True
