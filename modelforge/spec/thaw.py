"""`thaw`: layers that are frozen at first and thawed part by part, as the spec asks for it.

Gradual unfreezing: Howard & Ruder, "Universal Language Model Fine-tuning for Text Classification",
2018 (arXiv:1801.06146), section 3.3.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field

from modelforge.document import Mapping, Node, Sequence
from modelforge.findings import Span
from modelforge.schema.thaw import PARTS, after_of, every_of, part_numbers, parts_of
from modelforge.spec.freezing import names_in, place_of
from modelforge.spec.values import Deferred


@dataclass(frozen=True, slots=True)
class Thaw:
    """The value of `thaw`.

    layers: selectors of what is frozen at first; None for all layers, or for what the parts name.
    excluded: the same, of layers that are trained from the beginning. parts: how many, from the
    outputs down, or the selectors of each. every, after: epochs from one part to the next, and
    before the first. spans: where each key stands, and each selector, as `layers:backbone`; those
    of a part as `parts:block*`, the part as `parts.0`.
    """

    parts: int | tuple[tuple[str, ...], ...]
    layers: tuple[str, ...] | None = None
    excluded: tuple[str, ...] = ()
    every: int = 1
    after: int = 1
    span: Span | None = field(compare=False, default=None)
    spans: MappingType[str, Span] = field(compare=False, default_factory=dict)

    @property
    def number(self) -> int:
        """How many parts there are."""
        return self.parts if isinstance(self.parts, int) else len(self.parts)

    def span_of(self, key: str) -> Span | None:
        """The place to blame for a key, or for a selector below it (`layers:backbone`)."""
        return self.spans.get(key) or self.spans.get(key.split(":")[0].split(".")[0], self.span)

    def numbers(self) -> range:
        """How many parts are thawed in each of the phases that it makes."""
        return part_numbers(self.number, self.after)

    def epochs_of(self, thawed: int, epochs: int | Deferred) -> int | Deferred:
        """How many of the epochs have so many parts thawed; the last part has all that are left.

        What the data will tell stays as it is: then the spec is read again.
        """
        if thawed < self.number:
            return self.every if thawed else self.after
        if isinstance(epochs, Deferred):
            return epochs
        return epochs - self.after - (self.number - 1) * self.every

    @property
    def written(self) -> dict[str, object]:
        """As a spec says it, with every default."""
        parts = self.parts if isinstance(self.parts, int) else [list(it) for it in self.parts]
        keys: dict[str, object] = {
            "layers": list(self.layers) if self.layers is not None else None,
            "except": list(self.excluded) or None,
            "parts": parts,
            "every": self.every,
            "after": self.after,
        }
        return {key: value for key, value in keys.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Part:
    """A phase that a `thaw` makes; thawed: how many of its parts are thawed in it."""

    thaw: Thaw
    thawed: int


def read_thaw(node: Node | None) -> Thaw | None:
    """What `thaw` says; None where it is not there. The node must have passed the schema."""
    if node is None:
        return None
    mapping = node if isinstance(node, Mapping) else Mapping({}, node.span)
    parts = mapping.get(PARTS) if isinstance(node, Mapping) else node
    spans = {entry.key: place_of(entry) for entry in mapping}
    names: dict[str, dict[str, Span]] = {}
    for key in ("layers", "except"):
        names[key] = names_in(mapping.get(key))
        spans |= {f"{key}:{name}": span for name, span in names[key].items()}
    named: list[tuple[str, ...]] = []
    for number, item in enumerate(parts.items if isinstance(parts, Sequence) else ()):
        found = names_in(item)
        spans |= {f"{PARTS}:{name}": span for name, span in found.items()}
        spans[f"{PARTS}.{number}"] = item.span
        named.append(tuple(found))
    return Thaw(
        parts=tuple(named) if named else parts_of(node),
        layers=tuple(names["layers"]) if "layers" in mapping.entries else None,
        excluded=tuple(names["except"]),
        every=every_of(node),
        after=after_of(node),
        span=node.span,
        spans=spans,
    )
