"""What can be wrong with blocks, branches and uses: each trouble in words."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Facts

from modelforge.catalog import LAYER_KINDS, Catalog
from modelforge.document import Broken, Entry, Mapping, Node, Plain, Scalar, Sequence, plain
from modelforge.expand.blocks import Block
from modelforge.expand.item import CONSTRUCTIONS, Item
from modelforge.expand.scope import Made, Reference
from modelforge.findings import Findings, Related, Span, did_you_mean, listed, nearest
from modelforge.resolve.beside import BESIDE

_BESIDE_BLOCK = tuple(key for key in BESIDE if key not in ("call", "merge"))
_MOST_TOLD = 4  # parameters that a finding tells of a use


class Trouble:
    """Adds findings; where a value can be read all the same, it is given back."""

    def __init__(self, catalog: Catalog, blocks: dict[str, Block], findings: Findings) -> None:
        self._catalog = catalog
        self._blocks = blocks
        self._findings = findings

    def told(self, local: Facts[str, Node]) -> dict[str, Plain]:
        """The parameters of a use, as far as a finding can show them."""
        known = {n: v for n, v in local.items() if isinstance(v, Scalar) and v.value is not None}
        shown = {n: plain(v) for n, v in known.items() if not isinstance(v, Broken)}
        return dict(list(shown.items())[:_MOST_TOLD])

    def is_misspelt_block(self, item: Item) -> bool:
        """Reports a word that is no layer and looks like a block."""
        word = item.word
        if word in CONSTRUCTIONS or "${" in word or self._catalog.find(word, *LAYER_KINDS):
            return False
        near = nearest(item.word, self._blocks)
        if near is None:
            return False
        self._findings.error(
            "unknown-layer",
            f"there is no layer or block `{item.word}`",
            item.span,
            hint=f"did you mean `{near}`?",
            related=[Related(self._blocks[near].span, f"the block `{near}`")],
        )
        return True

    def is_more_than_block(self, node: Node) -> bool:
        """Reports an item that holds something unknown, or a layer, beside a block."""
        words = [e for e in node if e.key not in BESIDE] if isinstance(node, Mapping) else []
        block = next((entry for entry in words if entry.key in self._blocks), None)
        if block is None:
            return False
        other = next(entry for entry in words if entry is not block)
        self._findings.error(
            "unknown-key",
            f"`{other.key}` cannot stand beside the block `{block.key}`",
            other.key_span,
            hint=did_you_mean(other.key, BESIDE) or "one layer or block an item",
            notes=[f"beside a block stand {listed(_BESIDE_BLOCK)}"],
            related=[Related(block.key_span, "the block")],
        )
        return True

    def recursion(self, block: Block, chain: Iterable[Block], span: Span) -> None:
        """A block that uses itself, be it through others."""
        names = [used.name for used in chain]
        circle = [*names[names.index(block.name) :], block.name]
        self._findings.error(
            "block-recursion",
            f"the block `{block.name}` uses itself: " + " -> ".join(circle),
            span.used(()),
            hint="to have it several times, write `repeat` beside it",
            related=[Related(block.span, "it is declared")],
        )

    def no_merge_beside(self, item: Item) -> None:
        """`merge` beside a word that has nothing to merge."""
        self._misplaced(item, "merge", "`merge` stands beside `parallel`")

    def no_call_beside(self, item: Item) -> None:
        """`call` beside something that is not one layer."""
        self._misplaced(item, "call", "`call` gives arguments to the call of a single layer")

    def _misplaced(self, item: Item, key: str, note: str) -> None:
        entry = item.entry(key)
        if entry is not None:
            self._findings.error(
                "misplaced-key", f"`{item.word}` takes no `{key}`", entry.key_span, notes=[note]
            )

    def branches(self, item: Item) -> list[Sequence]:
        """The branches of `parallel`."""
        value = item.value
        items = value.items if isinstance(value, Sequence) else []
        branches = [branch for branch in items if isinstance(branch, Sequence)]
        if not items or len(branches) < len(items):
            wrong = next((i.span.first_line() for i in items if not isinstance(i, Sequence)), None)
            self._findings.error(
                "wrong-type",
                "`parallel` must be a list of branches, each a list of layers",
                wrong or item.span,
                hint="write `- [...]` for each branch; `[]` passes its input on",
            )
        return branches

    def merge(self, item: Item, entry: Entry | None) -> Entry | None:
        """The merging layer of `parallel` as a word and its arguments."""
        if entry is None:
            self._findings.error(
                "missing-key",
                "`parallel` needs `merge`: how its branches become one",
                item.span,
                hint="write `merge: Add` or `merge: Concatenate` beside it",
            )
            return None
        if isinstance(entry.value, Broken):
            return None
        word = _word(entry.value)
        known = self._catalog.find(word.key, *LAYER_KINDS) if word else None
        if word is not None and known is not None and known.takes_several:
            return word
        words = self._catalog.words("layer", "operation")
        merging = [name for name, found in words.items() if found.takes_several]
        layers = [name for name in merging if words[name].kind == "layer"]
        found = f"`{word.key}`" if word else "this"
        self._findings.error(
            "no-merging-layer",
            f"`merge` must be a layer that merges several, and {found} is none",
            word.key_span if word else entry.value.span.first_line(),
            hint=did_you_mean(word.key, merging) if word else "",
            notes=[f"layers that merge: {listed(layers, 20)}, and functions like `ops.maximum`"],
        )
        return None

    def inputs(self, block: Block, item: Item, written: Entry | None) -> dict[str, Scalar]:
        """The names that a use gives to the inputs of its block."""
        count = len(block.inputs)
        if written is None:
            if count > 1:
                self._inputs(block, item.span, f"the block `{block.name}` has {count} inputs")
            return {}
        node = written.value
        if isinstance(node, Mapping):
            return self._inputs_by_name(block, written, node)
        names = node.items if isinstance(node, Sequence) else [node]
        scalars = [name for name in names if isinstance(name, Scalar)]
        if len(scalars) != count or len(scalars) != len(names):
            has = "one input" if count == 1 else f"{count} inputs"
            message = f"the block `{block.name}` has {has}, and `from` gives it {len(names)}"
            self._inputs(block, written.key_span, message)
        return dict(zip(block.inputs, scalars, strict=False))

    def _inputs_by_name(self, block: Block, written: Entry, node: Mapping) -> dict[str, Scalar]:
        for entry in node:
            if entry.key not in block.inputs:
                self._findings.error(
                    "unknown-input",
                    f"the block `{block.name}` has no input `{entry.key}`",
                    entry.key_span,
                    hint=did_you_mean(entry.key, block.inputs),
                    notes=[f"its inputs: {listed(block.inputs)}"],
                )
        missing = [name for name in block.inputs if name not in node.entries]
        if missing:
            self._inputs(block, written.key_span, f"`from` gives `{block.name}` no `{missing[0]}`")
        return {e.key: e.value for e in node if isinstance(e.value, Scalar)}

    def _inputs(self, block: Block, span: Span, message: str) -> None:
        write = "[" + ", ".join("..." for _ in block.inputs) + "]"
        self._findings.error(
            "block-inputs",
            message,
            span,
            hint=f"write `from: {write if len(block.inputs) > 1 else '...'}` beside it",
            notes=[f"inputs of `{block.name}`: {listed(block.inputs)}"],
            related=[Related(block.span, "it is declared")],
        )

    def beside_inside(self, item: Item) -> None:
        """A key of ours beside a layer that stands in an argument of another one."""
        entry = next(iter(item.beside.values()))
        self._findings.error(
            "misplaced-key",
            f"`{entry.key}` cannot stand beside a layer inside another one",
            entry.key_span,
            hint=f"make it a model: `model: {{layers: [{{{item.word}: ..., {entry.key}: ...}}]}}`",
        )

    def inputs_inside(self, block: Block, span: Span) -> None:
        """A block of several inputs where only one is given."""
        self._findings.error(
            "block-inputs",
            f"the block `{block.name}` has {len(block.inputs)} inputs, and a layer inside another "
            "one is called on one",
            span,
            notes=[f"inputs of `{block.name}`: {listed(block.inputs)}"],
            related=[Related(block.span, "it is declared")],
        )

    def nothing_inside(self, block: Block, span: Span) -> None:
        """A block that has no layers where one must stand."""
        self._findings.error(
            "no-layer",
            f"the block `{block.name}` makes no layer here",
            span,
            related=[Related(block.span, "it is declared")],
        )

    def single(self, written: Entry) -> Scalar | None:
        """The one name that `parallel` is called on."""
        node = written.value
        if isinstance(node, Sequence) and len(node.items) == 1:
            node = node.items[0]
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return None if isinstance(node, Broken) else node
        self._findings.error(
            "wrong-type",
            "`from` of `parallel` must be one name: every branch begins there",
            written.key_span,
        )
        return None

    def name(self, node: Node) -> None:
        """A name that is no text, or not known yet."""
        if isinstance(node, Broken):
            return
        self._findings.error("wrong-type", "`name` must be a text that is known", node.span)

    def taken(self, name: str, span: Span, other: Reference) -> None:
        """A name that two things beside each other have."""
        related = []
        if isinstance(other, Made) and other.name_span is not None:
            related.append(Related(other.name_span, "the first"))
        self._findings.error(
            "duplicate-name",
            f"the name `{name}` is taken",
            span,
            notes=["names are unique over inputs and layers, without regard to case"],
            related=related,
        )

    def too_deep(self, span: Span, most: int) -> None:
        """Blocks in blocks without end."""
        self._findings.error("too-deep", f"blocks are nested more than {most} levels deep", span)

    def too_many(self, span: Span, most: int) -> None:
        """A model larger than any that can be built."""
        self._findings.error(
            "too-many-layers",
            f"with this item the model has more than {most} layers, or too many values in them",
            span,
        )


def _word(node: Node) -> Entry | None:
    """The one form, opened: a word and its arguments."""
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return Entry(node.value, node.span, Scalar(None, node.span))
    if isinstance(node, Mapping) and len(node.entries) == 1:
        (entry,) = node
        return entry
    return None
