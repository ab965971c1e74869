"""Goes through the items of a model and writes down every layer that they make."""

from __future__ import annotations

from dataclasses import replace

from modelforge.catalog import LAYER_KINDS
from modelforge.catalog.naming import MAIN, snake_case
from modelforge.document import Entry, Mapping, Node, Scalar, broken
from modelforge.expand.blocks import Block, Parameters
from modelforge.expand.context import MAX_LEVELS, MAX_NODES, Context, Tools, TooMuch
from modelforge.expand.inside import Inside, NestedModel
from modelforge.expand.item import Item, read_item, without_loops
from modelforge.expand.link import Linker
from modelforge.expand.loops import MAX_STEPS, Loops, Round
from modelforge.expand.places import use, used
from modelforge.expand.scope import Made, Named, Reference, Scope
from modelforge.expand.trouble import Trouble
from modelforge.findings import Span
from modelforge.resolve.waiting import size


class Layers:
    """The layers of one model, in the order in which they are made.

    A layer is a `Made`; what could not be read is a node that passes as it is.
    """

    def __init__(self, tools: Tools, nested: NestedModel) -> None:
        self.tools = tools
        self.made: list[Made | Node] = []
        self._nested = nested
        self._loops = Loops(tools.resolver, tools.findings)
        self._parameters = Parameters(tools.resolver, tools.findings)
        self._trouble = Trouble(tools.catalog, tools.blocks, tools.findings)
        self._inside = Inside(tools, self._trouble, nested, self._block_alone)

    def items(
        self, items: list[Node], scope: Scope, head: Reference, context: Context
    ) -> Reference:
        """Makes the layers of a list, each called on the one above; gives the last one."""
        nodes = [self._itself(item, context) for item in items]
        read = [(node, read_item(node)) for node in nodes]
        for _, item in read:
            if item is not None and item.given_name is not None:
                scope.parts.add(str(item.given_name.value).lower())
        for node, item in read:
            if item is None and self._trouble.is_more_than_block(node):
                self.made.append(broken(node.span))
            elif item is None or "${" in item.word:
                self.made.append(without_loops(self.tools.resolver.within(node, context.local)))
            else:
                head = self._rounds(item, scope, head, context)
        return head

    def _itself(self, node: Node, context: Context) -> Node:
        """An item; a single `${...}` stands for a whole one."""
        node = used(node, context.uses)
        if isinstance(node, Scalar) and isinstance(node.value, str) and "${" in node.value:
            return self.tools.resolver.within(node, context.local)
        return node

    def _rounds(self, item: Item, scope: Scope, head: Reference, context: Context) -> Reference:
        loop = self._loops.rounds(item, context.local)
        if loop is None:
            return self._one(item, scope, head, context)
        key, rounds = loop
        name = item.given_name
        says_round = name is not None and "${" in str(name.value)
        part = str(name.value) if name is not None else scope.part(self._stem(item))
        inner = scope if says_round else scope.inner(part)
        # The name is the loop's: a round is called by its number.
        unnamed = item if says_round else self._renamed(item, None)
        for each in rounds:
            told = use(key.key_span, "repeated", each.values)
            turn = replace(
                context, local={**context.local, **each.local}, uses=(*context.uses, told)
            )
            again = self._of_round(unnamed, each, turn, says_round)
            last = self._one(again, inner, head, turn)
            if not says_round and last is not head:
                scope.names.setdefault(f"{part}.{each.number}", last)
            head = last
        if not says_round and rounds:
            self._declare(scope, part, head, name)
        return head

    def _of_round(self, item: Item, each: Round, turn: Context, says_round: bool) -> Item:
        again = read_item(used(item.node, turn.uses))
        assert again is not None
        return again if says_round else self._renamed(again, str(each.number))

    def _renamed(self, item: Item, name: str | None) -> Item:
        """The item under another name, or under none."""
        beside = {key: entry for key, entry in item.beside.items() if key != "name"}
        if name is not None:
            beside["name"] = Entry("name", item.span, Scalar(name, item.span, True))
        value = item.value
        if isinstance(value, Mapping) and "name" in value.entries and item.word[:1].isupper():
            value = Mapping({k: e for k, e in value.entries.items() if k != "name"}, value.span)
        word = {item.word: Entry(item.word, item.span, value or Scalar(None, item.span))}
        node = Mapping({**word, **beside}, item.node.span)
        return replace(item, node=node, value=value, beside=beside)

    def _one(self, item: Item, scope: Scope, head: Reference, context: Context) -> Reference:
        self._step(item)
        if not self._loops.holds(item, context.local):
            if item.given_name is not None:
                scope.absent[str(item.given_name.value)] = item.span
            return head
        if item.word == "parallel":
            return self._parallel(item, scope, head, context)
        if item.word in self.tools.blocks:
            return self._block(item, scope, head, context)
        if self._trouble.is_misspelt_block(item):
            self.made.append(broken(item.span))
            return head
        return self._layer(item, scope, head, context)

    def _layer(self, item: Item, scope: Scope, head: Reference, context: Context) -> Reference:
        self._trouble.no_merge_beside(item)
        name = self._name(item, context)
        if item.word == "model" and isinstance(item.value, Mapping):
            value: Node = self._nested(
                item.value, self.tools, replace(context, level=context.level + 1)
            )
        else:
            # A name beside the word and one inside stay: the schema's check speaks of that.
            plain = item if item.entry("name") else self._renamed(item, None)
            found = self._inside.value(item.word, plain.value, context)
            value = found or Scalar(None, item.span)
        word = self.tools.catalog.find(item.word, *LAYER_KINDS)
        made = Made(
            self._filled(Entry(item.word, item.span, value)),
            scope,
            self._stem(item),
            source=head,
            written=self._entry(item, "from", context),
            call=self._entry(item, "call", context),
            is_use=item.word == "use",
            merges=word is not None and word.merges,
        )
        if made.is_use and isinstance(value, Scalar):
            made.stem = str(value.value)
        if name is not None:
            made.name, made.name_span = scope.prefix + str(name.value), name.span
            self._declare(scope, str(name.value), made, name)
        self.made.append(made)
        return made

    def _block(self, item: Item, scope: Scope, head: Reference, context: Context) -> Reference:
        block = self.tools.blocks[item.word]
        self._trouble.no_merge_beside(item)
        self._trouble.no_call_beside(item)
        if block in context.chain:
            self._trouble.recursion(block, context.chain, item.span)
            return head
        name = self._name(item, context)
        part = str(name.value) if name else scope.part(self._stem(item))
        inner = Scope(f"{scope.prefix}{part}.", None, block.name)
        inner.names.update(self._inputs(block, item, scope, head, context))
        last = self._used(block, item, inner, context)
        self._declare(scope, part, last, name)
        return last

    def _used(self, block: Block, item: Item, inner: Scope, context: Context) -> Reference:
        """Makes the layers of one use; inner: the scope that knows the block's inputs."""
        self.tools.used_blocks.add(block.name)
        local = self._parameters.bind(block, item, self._value(item.value, context))
        told = use(item.span, "used", self._trouble.told(local))
        inside = Context(local, (*context.uses, told), (*context.chain, block), context.level + 1)
        first = inner.names[block.inputs[0]] if len(block.inputs) == 1 else None
        return self.items(self._body(block, inside), inner, first, inside)

    def _block_alone(self, block: Block, item: Item, context: Context) -> list[Node]:
        """The plain items of a block in the place of a layer; none after a finding."""
        self._step(item)
        self.tools.used_blocks.add(block.name)
        if block in context.chain:
            self._trouble.recursion(block, context.chain, item.span)
            return []
        if len(block.inputs) > 1:
            self._trouble.inputs_inside(block, item.span)
            return []
        alone = Layers(self.tools, self._nested)
        scope = Scope("", None, block.name, {block.inputs[0]: MAIN})
        alone._used(block, item, scope, context)
        if not alone.made:
            self._trouble.nothing_inside(block, item.span)
        return Linker(alone.made, [MAIN], self.tools.findings).items()

    def unused_block(self, block: Block) -> None:
        """Makes the layers of a block that nothing uses, so that they are checked."""
        scope = Scope(f"{block.name}.", None, block.name)
        scope.names.update({name: name for name in block.inputs})
        context = Context(self._parameters.unknown(block), (), (block,), 1)
        self.items(block.layers.items, scope, block.inputs[0], context)

    def _parallel(self, item: Item, scope: Scope, head: Reference, context: Context) -> Reference:
        self._trouble.no_call_beside(item)
        branches = self._trouble.branches(item)
        name = self._name(item, context)
        part = str(name.value) if name else scope.part("parallel")
        source = self._single(item, scope, head, context)
        inner = scope.inner(part)
        below = replace(context, level=context.level + 1)
        ends: list[Reference] = []
        for number, branch in enumerate(branches):
            self._step(item)
            ends.append(self.items(branch.items, inner.inner(str(number)), source, below))
        merge = self._trouble.merge(item, self._entry(item, "merge", context))
        if merge is None or not branches:
            self.made.append(broken(item.span))
            return head
        made = Made(self._filled(merge), inner, snake_case(merge.key), merges=True)
        made.sources = tuple(ends)
        if name is not None:
            made.name, made.name_span = scope.prefix + part, name.span
        self._declare(scope, part, made, name)
        self.made.append(made)
        return made

    def _body(self, block: Block, context: Context) -> list[Node]:
        if context.level > MAX_LEVELS:
            self._trouble.too_deep(block.span, MAX_LEVELS)
            raise TooMuch
        return block.layers.items

    def _inputs(
        self, block: Block, item: Item, scope: Scope, head: Reference, context: Context
    ) -> dict[str, Reference]:
        """What the names of a block's inputs stand for in one use."""
        written = self._entry(item, "from", context)
        given = self._trouble.inputs(block, item, written)
        names: dict[str, Reference] = {
            name: Named(str(node.value), node.span, scope) for name, node in given.items()
        }
        if written is None:
            return dict.fromkeys(block.inputs, head)
        # One that is missing is reported: nothing else is to be blamed for it.
        return {name: names.get(name) or head or MAIN for name in block.inputs}

    def _single(self, item: Item, scope: Scope, head: Reference, context: Context) -> Reference:
        written = self._entry(item, "from", context)
        node = self._trouble.single(written) if written else None
        return Named(str(node.value), node.span, scope) if node is not None else head

    def _name(self, item: Item, context: Context) -> Scalar | None:
        name = item.given_name
        if name is None:
            return None
        found = self.tools.resolver.within(name, context.local)
        if isinstance(found, Scalar) and isinstance(found.value, str) and "${" not in found.value:
            return found
        self._trouble.name(found)
        return None

    def _stem(self, item: Item) -> str:
        word = self.tools.catalog.find(item.word, *LAYER_KINDS)
        return snake_case(word.name) if word else snake_case(item.word)

    def _entry(self, item: Item, key: str, context: Context) -> Entry | None:
        entry = item.entry(key)
        if entry is None:
            return None
        return Entry(key, entry.key_span, self.tools.resolver.within(entry.value, context.local))

    def _value(self, node: Node | None, context: Context) -> Node | None:
        return None if node is None else self.tools.resolver.within(node, context.local)

    def _declare(self, scope: Scope, part: str, found: Reference, name: Scalar | None) -> None:
        if name is not None and part in scope.names:
            self._trouble.taken(part, name.span, scope.names[part])
            return
        scope.names[part] = found
        scope.parts.add(part.lower())

    def _filled(self, entry: Entry) -> Entry:
        """The layer's word with the defaults of its class."""
        filled = self.tools.defaults.filled(entry)
        if filled.value is not entry.value:
            self._spend("nodes", size(filled.value), entry.key_span)
        return filled

    def _step(self, item: Item) -> None:
        self._spend("steps", 1, item.span)
        self._spend("nodes", size(item.node) if item.span.uses else 0, item.span)

    def _spend(self, what: str, count: int, span: Span) -> None:
        spent = self.tools.spent
        spent[what] += count
        if spent["steps"] > MAX_STEPS or spent["nodes"] > MAX_NODES:
            self._trouble.too_many(span, MAX_STEPS)
            raise TooMuch
