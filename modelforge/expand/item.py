"""The anatomy of an item of `layers`: its word, and ModelForge's own keys beside it."""

from __future__ import annotations

from dataclasses import dataclass

from modelforge.document import Entry, Mapping, Node, Scalar
from modelforge.findings import Span
from modelforge.resolve.beside import BESIDE, LOOPS

CONSTRUCTIONS = ("parallel", "use", "model", "load")  # stand where a layer's word stands


@dataclass(frozen=True)
class Item:
    """An item of `layers` with one word; value is None for a bare word.

    node: the whole item, for what is to be passed on as it is.
    """

    node: Scalar | Mapping
    word: str
    value: Node | None
    span: Span
    beside: dict[str, Entry]

    def entry(self, key: str) -> Entry | None:
        """An own key of the item, or None."""
        return self.beside.get(key)

    def get(self, key: str) -> Node | None:
        """The value of an own key, or None."""
        entry = self.beside.get(key)
        return entry.value if entry else None

    @property
    def given_name(self) -> Scalar | None:
        """The name from beside the word or, as in Keras, from among its arguments."""
        found = self.get("name")
        # A block may have a parameter `name`; a layer's argument of that name is Keras's.
        if found is None and isinstance(self.value, Mapping) and self.word[:1].isupper():
            found = self.value.get("name")
        return found if isinstance(found, Scalar) and isinstance(found.value, str) else None


def read_item(node: Node) -> Item | None:
    """The item, or None where it is none: the schema's check says what is wrong with it."""
    if isinstance(node, Scalar):
        return Item(node, node.value, None, node.span, {}) if isinstance(node.value, str) else None
    if not isinstance(node, Mapping):
        return None
    words = [entry for entry in node if entry.key not in BESIDE]
    if len(words) != 1:
        return None
    beside = {entry.key: entry for entry in node if entry.key in BESIDE}
    return Item(node, words[0].key, words[0].value, words[0].key_span, beside)


def without_loops(node: Node) -> Node:
    """An item that no word could be found in, without the keys that have been obeyed."""
    if not isinstance(node, Mapping):
        return node
    rest = {key: entry for key, entry in node.entries.items() if key not in (*LOOPS, "merge")}
    return Mapping(rest, node.span)
