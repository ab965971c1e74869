"""`freeze`: which layers keep their weights while others are trained, as the spec asks for it."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modelforge.document import Entry, Mapping, Node, Sequence, plain
from modelforge.findings import Span
from modelforge.schema.freezing import AUTO
from modelforge.spec.objects import value
from modelforge.spec.values import Deferred

if TYPE_CHECKING:
    from modelforge.spec.spec import TrainSection
    from modelforge.spec.thaw import Part

Amount = int | float


@dataclass(frozen=True, slots=True)
class Freeze:
    """The value of `freeze`, and what a `thaw` leaves frozen; without any selector, nothing is.

    layers: names, globs over path names, classes; None for all layers where another key says which.
    excluded: the same, of layers that are not frozen after all. until: a layer, with all that its
    output depends on. first, last: so many layers with weights, or a share of them (0 to 1).
    part: of a phase that a `thaw` makes; what that leaves frozen is frozen as well.
    spans: where each key stands, and each selector, as `layers:backbone`, `except:top*`.
    """

    layers: tuple[str, ...] | None = ()
    excluded: tuple[str, ...] = ()
    until: str = ""
    first: Amount | Deferred | None = None
    last: Amount | Deferred | None = None
    part: Part | None = None
    span: Span | None = field(compare=False, default=None)
    spans: MappingType[str, Span] = field(compare=False, default_factory=dict)

    def __bool__(self) -> bool:
        return self.layers != () or self.part is not None

    @property
    def waits(self) -> bool:
        """Whether the data will tell how much is frozen."""
        return isinstance(self.first, Deferred) or isinstance(self.last, Deferred)

    def span_of(self, key: str) -> Span | None:
        """The place to blame for a key, or for a selector below it (`layers:backbone`)."""
        return self.spans.get(key) or self.spans.get(key.split(":")[0], self.span)

    @property
    def written(self) -> list[str] | dict[str, object]:
        """As a spec says it."""
        keys: dict[str, object] = {
            "layers": list(self.layers) if self.layers is not None else None,
            "except": list(self.excluded) or None,
            "until": self.until or None,
            "first": _written(self.first),
            "last": _written(self.last),
        }
        given = {key: value for key, value in keys.items() if value is not None}
        return given if given.keys() != {"layers"} else list(self.layers or ())


def is_asked(train: TrainSection) -> bool:
    """Whether a phase says something of what is frozen."""
    return train.freeze is not None or train.batch_norm != AUTO


def read_freeze(node: Node | None) -> Freeze | None:
    """What `freeze` says; None where it is not there. The node must have passed the schema."""
    if node is None:
        return None
    if not isinstance(node, Mapping):
        names = names_in(node)
        spans = {f"layers:{name}": span for name, span in names.items()}
        return Freeze(layers=tuple(names), span=node.span, spans=spans)
    spans = {entry.key: place_of(entry) for entry in node}
    layers, excluded = names_in(node.get("layers")), names_in(node.get("except"))
    spans |= {f"layers:{name}": span for name, span in layers.items()}
    spans |= {f"except:{name}": span for name, span in excluded.items()}
    until = node.get("until")
    if until is not None:
        spans["until"] = until.span
    return Freeze(
        layers=tuple(layers) if "layers" in node.entries else None,
        excluded=tuple(excluded),
        until=str(plain(until)) if until is not None else "",
        first=_amount(node.get("first")),
        last=_amount(node.get("last")),
        span=node.span,
        spans=spans,
    )


def names_in(node: Node | None) -> dict[str, Span]:
    """One name or a list of them, and where each stands."""
    if node is None:
        return {}
    items = node.items if isinstance(node, Sequence) else (node,)
    return {str(plain(item)): item.span for item in items}


def _amount(node: Node | None) -> Amount | Deferred | None:
    found = value(node) if node is not None else None
    return found if isinstance(found, int | float | Deferred) else None


def _written(amount: Amount | Deferred | None) -> Amount | str | None:
    return amount.expression if isinstance(amount, Deferred) else amount


def place_of(entry: Entry) -> Span:
    """The key; where the command line has given it another value, the file is not to blame."""
    by_hand = entry.value.span.source.name.startswith("--")
    return entry.value.span if by_hand else entry.key_span
