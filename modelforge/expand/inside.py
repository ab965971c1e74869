"""Layers in the arguments of other layers: blocks and models there become plain ones, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from modelforge.catalog import INNER_KINDS, LAYER_KINDS, Argument
from modelforge.catalog.naming import MAIN
from modelforge.document import Entry, Mapping, Node, Scalar, Sequence, broken
from modelforge.expand.blocks import Block
from modelforge.expand.context import Context, Tools
from modelforge.expand.item import Item, read_item
from modelforge.expand.places import used
from modelforge.expand.trouble import Trouble

NestedModel = Callable[[Mapping, Tools, Context], Node]
BlockAlone = Callable[[Block, Item, Context], list[Node]]  # the plain items of one use


class Inside:
    """Expands what stands in arguments that take a layer.

    nested: expands a model; block: a block that stands alone, called on one input.
    """

    def __init__(
        self, tools: Tools, trouble: Trouble, nested: NestedModel, block: BlockAlone
    ) -> None:
        self._tools = tools
        self._trouble = trouble
        self._nested = nested
        self._block = block

    def value(self, name: str, node: Node | None, context: Context) -> Node | None:
        """What stands behind a layer's word, resolved, the layers within expanded."""
        if node is None:
            return None
        word = self._tools.catalog.find(name, *LAYER_KINDS)
        takers = {a.name: a for a in word.arguments if "layer" in a.kinds} if word else {}
        if not takers:
            return self._resolved(node, context)
        if isinstance(node, Mapping):
            entries = {
                key: Entry(key, entry.key_span, self._argument(takers.get(key), entry, context))
                for key, entry in node.entries.items()
            }
            return Mapping(entries, node.span)
        first = word.first.name if word and word.first else ""
        if first not in takers:
            return self._resolved(node, context)
        return self._layers(takers[first], node, context)

    def _argument(self, taker: Argument | None, entry: Entry, context: Context) -> Node:
        if taker is None:
            return self._resolved(entry.value, context)
        return self._layers(taker, entry.value, context)

    def _layers(self, taker: Argument, node: Node, context: Context) -> Node:
        if taker.many and isinstance(node, Sequence):
            return Sequence([self._layer(item, context) for item in node.items], node.span)
        return self._layer(node, context)

    def _layer(self, node: Node, context: Context) -> Node:
        node = used(node, context.uses)
        if isinstance(node, Scalar) and isinstance(node.value, str) and "${" in node.value:
            node = self._resolved(node, context)
        item = read_item(node)
        if item is None or "${" in item.word:
            return self._resolved(node, context)
        if item.beside:
            self._trouble.beside_inside(item)
            return broken(node.span)
        if item.word in self._tools.blocks:
            return self._of_block(self._tools.blocks[item.word], item, context)
        if item.word == "model" and isinstance(item.value, Mapping):
            below = replace(context, level=context.level + 1)
            return _one(Entry("model", item.span, self._nested(item.value, self._tools, below)))
        if self._trouble.is_misspelt_block(item):
            return broken(item.span)
        value = self.value(item.word, item.value, context)
        return node if value is None else _one(Entry(item.word, item.span, value))

    def _of_block(self, block: Block, item: Item, context: Context) -> Node:
        """A block of one layer is that layer, any other one a model."""
        items = self._block(block, item, context)
        if not items:
            return broken(item.span)
        alone = _word_alone(items)
        if alone is not None and self._tools.catalog.find(alone.key, *INNER_KINDS):
            return _one(alone)
        layers = Entry("layers", item.span, Sequence(items, item.span))
        return _one(Entry("model", item.span, Mapping({"layers": layers}, item.span)))

    def _resolved(self, node: Node, context: Context) -> Node:
        return self._tools.resolver.within(node, context.local)


def _one(entry: Entry) -> Mapping:
    return Mapping({entry.key: entry}, entry.key_span)


def _word_alone(items: list[Node]) -> Entry | None:
    """The word of the only item, where nothing but a name stands beside it."""
    only = items[0] if len(items) == 1 else None
    if not isinstance(only, Mapping):
        return None
    beside = only.entries.keys() - {"name", "from"}
    # What it is called on is the block's only input, the one that it has here.
    source = only.get("from")
    is_input = source is None or (isinstance(source, Scalar) and source.value == MAIN)
    word = next(iter(beside), "")
    return only.entries[word] if is_input and len(beside) == 1 else None
