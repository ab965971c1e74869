"""The front door: a spec with blocks, loops and branches becomes one of plain layers."""

from __future__ import annotations

from dataclasses import replace

from modelforge.catalog import Catalog
from modelforge.catalog.naming import MAIN
from modelforge.document import Entry, Mapping, Node, Sequence, broken
from modelforge.expand.blocks import Block, read_blocks
from modelforge.expand.context import Context, Tools, TooMuch
from modelforge.expand.defaults import Defaults
from modelforge.expand.item import CONSTRUCTIONS
from modelforge.expand.layers import Layers
from modelforge.expand.link import Linker
from modelforge.expand.scope import Reference, Scope
from modelforge.expand.unused import warn_of_block, warn_of_parameters
from modelforge.findings import Findings
from modelforge.resolve import Resolver
from modelforge.resolve.beside import LOOPS

_MARKS = frozenset({*CONSTRUCTIONS, *LOOPS, "merge"})


def is_composed(root: Mapping) -> bool:
    """Whether a spec has anything to expand."""
    model, variables = root.get("model"), root.get("vars")
    if "blocks" in root.entries or not isinstance(model, Mapping):
        return "blocks" in root.entries
    if isinstance(variables, Mapping) and _holds_mark(variables):
        return True  # a variable can stand for a whole item
    layers = model.get("layers")
    if "defaults" in model.entries or not isinstance(layers, Sequence):
        return "defaults" in model.entries
    items = (item for item in layers.items if isinstance(item, Mapping))
    return any(not _MARKS.isdisjoint(item.entries) or _holds_model(item) for item in items)


def _holds_mark(node: Node) -> bool:
    """Whether something to expand stands anywhere within."""
    if isinstance(node, Sequence):
        return any(_holds_mark(item) for item in node.items)
    if not isinstance(node, Mapping):
        return False
    marked = not _MARKS.isdisjoint(node.entries)
    return marked or any(_holds_mark(entry.value) for entry in node)


def _holds_model(item: Mapping) -> bool:
    """Whether a model stands somewhere in an argument: `TimeDistributed: {layer: {model: ...}}`."""
    for entry in item.entries.values():
        if isinstance(entry.value, Mapping):
            if "model" in entry.value.entries or _holds_model(entry.value):
                return True
        elif isinstance(entry.value, Sequence):
            inner = [it for it in entry.value.items if isinstance(it, Mapping)]
            if any("model" in it.entries or _holds_model(it) for it in inner):
                return True
    return False


class Expansion:
    """Expands one spec.

    aside: documents of a model alone, whose layers are not in the spec's model and are to be
    checked all the same: those of blocks that nothing uses.
    """

    def __init__(self, catalog: Catalog, findings: Findings) -> None:
        self.catalog = catalog
        self.findings = findings
        self.aside: list[Mapping] = []

    def __call__(self, root: Mapping, resolver: Resolver) -> Mapping:
        """The spec resolved, without blocks, loops and branches."""
        section = root.entries.get("blocks")
        blocks = read_blocks(section.value if section else None, self.catalog, self.findings)
        entries: dict[str, Entry] = {}
        for key, entry in root.entries.items():
            if key == "blocks":
                continue
            if key == "model" and isinstance(entry.value, Mapping):
                value: Node = self._model(entry.value, resolver, blocks)
            else:
                value = resolver.node(entry.value)
            entries[key] = Entry(key, entry.key_span, value)
        return Mapping(entries, root.span)

    def _model(self, model: Mapping, resolver: Resolver, blocks: dict[str, Block]) -> Mapping:
        defaults = model.get("defaults")
        tools = Tools(
            resolver,
            self.catalog,
            self.findings,
            blocks,
            Defaults(resolver.node(defaults) if defaults else None, self.catalog),
        )
        try:
            expanded = _section(model, tools, Context())
            self._check_unused(tools)
        except TooMuch:
            layers = Sequence([broken(model.span)], model.span)
            return Mapping({"layers": Entry("layers", model.span, layers)}, model.span)
        tools.defaults.report(self.findings)
        return expanded

    def _check_unused(self, tools: Tools) -> None:
        for block in tools.blocks.values():
            warn_of_parameters(block, self.findings)
        unused = [b for name, b in tools.blocks.items() if name not in tools.used_blocks]
        for block in unused:
            layers = Layers(tools, _nested)
            layers.unused_block(block)
            if block.name not in tools.used_blocks:
                warn_of_block(block, self.findings)
            items = Linker(layers.made, [*block.inputs], self.findings).items()
            if items:
                found = Entry("layers", block.span, Sequence(items, block.span))
                model = Mapping({"layers": found}, block.span)
                self.aside.append(Mapping({"model": Entry("model", block.span, model)}, block.span))


def _nested(model: Mapping, tools: Tools, context: Context) -> Mapping:
    """A model among or inside the layers of another, whose defaults hold in it as well."""
    section = model.get("defaults")
    if section is None:
        return _section(model, tools, context)
    found = tools.resolver.within(section, context.local)
    own = Defaults(found, tools.catalog, tools.defaults)
    expanded = _section(model, replace(tools, defaults=own), context)
    own.report(tools.findings)
    return expanded


def _section(model: Mapping, tools: Tools, context: Context) -> Mapping:
    """A model, the spec's own or one among the layers of another, with plain layers."""
    entries: dict[str, Entry] = {}
    for key, entry in model.entries.items():
        if key != "layers" or not isinstance(entry.value, Sequence):
            value = tools.resolver.within(entry.value, context.local)
            entries[key] = Entry(key, entry.key_span, value)
    layers = model.entries.get("layers")
    if layers is None or not isinstance(layers.value, Sequence):
        return Mapping(entries, model.span)
    inputs = _inputs(entries.get("inputs"))
    root = Scope("", None)
    # Names of inputs and of plain layers stay as they are: the wiring knows them.
    made = Layers(tools, _nested)
    start: Reference = inputs[0] if len(inputs) == 1 else None
    made.items(layers.value.items, root, start, context)
    linker = Linker(made.made, inputs, tools.findings)
    found = Sequence(linker.items(), layers.value.span)
    entries["layers"] = Entry("layers", layers.key_span, found)
    outputs = entries.get("outputs")
    if outputs is not None and isinstance(outputs.value, Sequence):
        names: list[Node] = [linker.output(root, item) for item in outputs.value.items]
        value = Sequence(names, outputs.value.span)
        entries["outputs"] = Entry("outputs", outputs.key_span, value)
    return Mapping(entries, model.span)


def _inputs(entry: Entry | None) -> list[str]:
    if entry is None or not isinstance(entry.value, Mapping) or not entry.value.entries:
        return [MAIN]
    return [*entry.value.entries]
