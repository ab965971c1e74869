"""`blocks`: what is declared, and the parameters of a use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Facts
from dataclasses import dataclass

from modelforge.catalog import Catalog
from modelforge.document import Entry, Mapping, Node, Scalar, Sequence, broken
from modelforge.expand.item import CONSTRUCTIONS, Item
from modelforge.expand.loops import Local, check_variable
from modelforge.expand.places import used
from modelforge.findings import Findings, Related, Span, did_you_mean, listed, nearest
from modelforge.resolve import Resolver
from modelforge.resolve.beside import BESIDE

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
INPUT = "input"  # what comes into a block that does not name its inputs
_KEYS = ("params", "inputs", "layers")


@dataclass(frozen=True)
class Block:
    """A declared block. params: a value of nothing makes one required."""

    name: str
    params: dict[str, Entry]
    inputs: tuple[str, ...]
    layers: Sequence
    span: Span

    @property
    def required(self) -> list[str]:
        """The parameters that every use must give."""
        return [name for name, entry in self.params.items() if _is_nothing(entry.value)]


def read_blocks(section: Node | None, catalog: Catalog, findings: Findings) -> dict[str, Block]:
    """The blocks that can be used; what is wrong with the others is reported."""
    if section is None:
        return {}
    if not isinstance(section, Mapping):
        findings.error(
            "wrong-type",
            "`blocks` must be a mapping of names to blocks",
            section.span.first_line(),
            hint="write `name: {params: {filters: }, layers: [...]}` below it",
        )
        return {}
    blocks = (_block(entry, catalog, findings) for entry in section)
    return {block.name: block for block in blocks if block is not None}


def _block(entry: Entry, catalog: Catalog, findings: Findings) -> Block | None:
    if not _may_be_called(entry, findings):
        return None
    if not isinstance(entry.value, Mapping):
        findings.error(
            "wrong-type",
            f"the block `{entry.key}` must be a mapping",
            entry.key_span,
            hint="write `layers: [...]` below it",
        )
        return None
    for inner in entry.value:
        if inner.key not in _KEYS:
            findings.error(
                "unknown-key",
                f"the block `{entry.key}` has no key `{inner.key}`",
                inner.key_span,
                hint=did_you_mean(inner.key, _KEYS),
                notes=[f"its keys: {listed(_KEYS)}"],
            )
    layers = entry.value.get("layers")
    if not isinstance(layers, Sequence) or not layers.items:
        findings.error(
            "missing-key",
            f"the block `{entry.key}` needs a list of `layers`",
            layers.span.first_line() if layers else entry.key_span,
        )
        layers = Sequence([], entry.key_span)
    inputs = _inputs(entry.value.entries.get("inputs"), findings)
    return Block(entry.key, _params(entry.value, findings), inputs, layers, entry.key_span)


def _may_be_called(entry: Entry, findings: Findings) -> bool:
    if NAME.fullmatch(entry.key) and entry.key not in (*BESIDE, *CONSTRUCTIONS):
        return True
    taken = entry.key in (*BESIDE, *CONSTRUCTIONS)
    findings.error(
        "block-name",
        f"`{entry.key}` cannot be the name of a block",
        entry.key_span,
        hint="it means something else beside a layer" if taken else "",
        notes=[
            "a block's name begins with a small letter and holds small letters, digits and "
            "`_`; words with capitals are Keras's"
        ],
    )
    return False


def _params(block: Mapping, findings: Findings) -> dict[str, Entry]:
    entry = block.entries.get("params")
    if entry is None:
        return {}
    if not isinstance(entry.value, Mapping):
        findings.error(
            "wrong-type",
            "`params` must be a mapping of names to defaults",
            entry.key_span,
            hint="write `params: {filters: , strides: 1}`; nothing after the colon makes one "
            "required",
        )
        return {}
    return {p.key: p for p in entry.value if check_variable(p, "a parameter", findings)}


def _inputs(entry: Entry | None, findings: Findings) -> tuple[str, ...]:
    if entry is None:
        return (INPUT,)
    items = entry.value.items if isinstance(entry.value, Sequence) else []
    names = [i.value for i in items if isinstance(i, Scalar) and isinstance(i.value, str)]
    if not names or len(names) < len(items) or len(set(names)) < len(names):
        findings.error(
            "wrong-type",
            "`inputs` of a block must be a list of different names",
            entry.key_span,
            hint="write `inputs: [left, right]`",
        )
        return (INPUT,)
    return tuple(names)


class Parameters:
    """Gives the parameters of a block their values."""

    def __init__(self, resolver: Resolver, findings: Findings) -> None:
        self._resolver = resolver
        self._findings = findings

    def bind(self, block: Block, item: Item, value: Node | None) -> Local:
        """The values in one use; missing ones are reported, and nothing else is blamed for it.

        value: what stands behind the block's name, resolved.
        """
        given = dict(self._given(block, item, value))
        written = list(value.entries) if isinstance(value, Mapping) else []
        # `filtres` explains why `filters` is missing.
        meant = {nearest(name, block.params) for name in written if name not in block.params}
        missing = [name for name in block.required if name not in given and name not in meant]
        if missing:
            names = " and ".join(f"`{name}`" for name in missing)
            self._findings.error(
                "missing-argument",
                f"the block `{block.name}` needs {names}",
                item.span,
                notes=_usage(block),
                related=[Related(block.params[missing[0]].key_span, "it has no default")],
            )
        return self._complete(block, given, item.span.uses)

    def unknown(self, block: Block) -> Local:
        """The values in no use: what depends on a required parameter passes every check."""
        return self._complete(block, {}, ())

    def _complete(self, block: Block, given: Facts[str, Node], uses: tuple[Related, ...]) -> Local:
        local: Local = {}
        for name, entry in block.params.items():
            if name in given:
                local[name] = given[name]
            elif _is_nothing(entry.value):
                local[name] = broken(entry.key_span)
            else:  # it can speak of the ones above it
                local[name] = self._resolver.within(used(entry.value, uses), local)
        return local

    def _given(self, block: Block, item: Item, value: Node | None) -> Iterator[tuple[str, Node]]:
        if value is None or _is_nothing(value):
            return
        if not isinstance(value, Mapping):
            if block.params:
                yield next(iter(block.params)), value
            else:
                self._findings.error(
                    "unknown-argument",
                    f"the block `{block.name}` has no parameters",
                    value.span,
                    hint=f"write `{block.name}` alone",
                    related=[Related(block.span, "it is declared")],
                )
            return
        for entry in value:
            if entry.key in block.params:
                yield entry.key, entry.value
                continue
            self._findings.error(
                "unknown-argument",
                f"the block `{block.name}` has no parameter `{entry.key}`",
                entry.key_span,
                hint=did_you_mean(entry.key, block.params),
                notes=_usage(block),
                related=[Related(block.span, "it is declared")],
            )


def _usage(block: Block) -> list[str]:
    if not block.params:
        return [f"`{block.name}` has no parameters"]
    return [f"parameters of `{block.name}`: {listed(block.params)}"]


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None
