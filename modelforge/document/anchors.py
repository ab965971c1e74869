"""Anchors, aliases and merge keys, bounded: a few lines of them can stand for a billion nodes."""

from __future__ import annotations

from typing import NamedTuple

from modelforge.document.frame import Frame
from modelforge.document.limits import MAX_ALIASED, MAX_DEPTH
from modelforge.document.nodes import Broken, Mapping, Node, Scalar, Sequence, broken
from modelforge.document.troubles import Troubles
from modelforge.findings import Span


class TooMuch(Exception):
    """A bound is exceeded and reported: reading on would cost what the bound protects."""


class _Anchored(NamedTuple):
    node: Node
    size: int
    height: int


class Anchors:
    """The anchors of one text, and the count of what has come in through aliases."""

    def __init__(self, troubles: Troubles) -> None:
        self._troubles = troubles
        self._known: dict[str, _Anchored | None] = {}  # None while the anchored value is open
        self._brought = 0

    def define(self, name: str, node: Scalar) -> None:
        """An anchor on a scalar."""
        self._known[name] = _Anchored(node, 1, 0)

    def open(self, name: str) -> None:
        """An anchor on a collection that begins here."""
        self._known[name] = None

    def close(self, frame: Frame) -> None:
        """The end of an anchored collection."""
        assert frame.anchor is not None
        self._known[frame.anchor] = _Anchored(frame.node, frame.size, frame.height)

    def use(self, name: str, span: Span, frame: Frame | None, depth: int) -> Node:
        """What an alias stands for: the same content, placed where the alias is written."""
        if name not in self._known:
            self._troubles.unknown_anchor(name, span, list(self._known))
            return broken(span)
        anchored = self._known[name]
        if anchored is None:
            self._troubles.recursive_anchor(name, span)
            return broken(span)
        self._count(anchored.size, span)
        if depth + anchored.height > MAX_DEPTH:
            self._troubles.too_deep(span)
            raise TooMuch
        if frame is not None:
            frame.extra += anchored.size - 1
            frame.height = max(frame.height, anchored.height + 1)
        return _placed(anchored.node, span)

    def merge(self, frame: Frame) -> None:
        """Takes the entries that `<<` names into the mapping; its own keys win, then the first."""
        assert frame.merged is not None and frame.entries is not None
        value, key_span = frame.merged
        sources = value.items if isinstance(value, Sequence) else [value]
        if not sources or not all(isinstance(source, Mapping) for source in sources):
            self._troubles.bad_merge(value.span if value.span.line else key_span)
            return
        own = dict(frame.entries)
        frame.entries.clear()
        for source in sources:
            assert isinstance(source, Mapping)
            self._count(len(source.entries), source.span)
            for entry in source:
                frame.entries.setdefault(entry.key, entry)
        frame.entries.update(own)

    def _count(self, size: int, span: Span) -> None:
        self._brought += size
        if self._brought > MAX_ALIASED:
            self._troubles.too_many_aliases(span)
            raise TooMuch


def _placed(node: Node, span: Span) -> Node:
    if isinstance(node, Broken):
        return node
    if isinstance(node, Scalar):
        return Scalar(node.value, span, node.quoted, node.origin or node.span)
    if isinstance(node, Sequence):
        return Sequence(node.items, span)
    return Mapping(node.entries, span)
