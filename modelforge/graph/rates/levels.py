"""How far each layer is from the outputs, counted in layers with weights."""

from __future__ import annotations

from collections.abc import Sequence

from modelforge.graph.freezing.select import Weights
from modelforge.graph.freezing.selectable import SEPARATOR, Selectable

# They belong to the layer that they normalize.
NORMALIZATIONS = frozenset(
    ("BatchNormalization", "GroupNormalization", "LayerNormalization", "RMSNormalization")
)


def levels(everything: Sequence[Selectable], weights: Weights) -> dict[str, int] | None:
    """By path the number of layers with weights between a layer and the outputs: 0 for the last.

    On the longest way, through the layers of models too; normalization counts for nothing. A layer
    that is called several times has the level of the call that is farthest from the outputs.
    None where it is not known which layers have weights.
    """
    counts: dict[str, int] = {}
    for it in everything:
        number = weights(it.path) if it.kind == "layer" else 0
        if number is None or it.opaque:
            return None
        counts[it.path] = int(number > 0 and it.classes[0] not in NORMALIZATIONS)
    return _Levels(everything, counts).of_all()


class _Levels:
    """counts: what each layer adds to the way from those before it."""

    def __init__(self, everything: Sequence[Selectable], counts: dict[str, int]) -> None:
        self.counts = counts
        self.around = _around(everything)
        self.inside: dict[str, list[Selectable]] = {}
        for it in everything:
            self.inside.setdefault(self.around[it.path], []).append(it)

    def of_all(self) -> dict[str, int]:
        """Those in models are added to that of the model."""
        here: dict[str, int] = {}
        self._length("", here)
        found: dict[str, int] = {"": 0}
        for path in self.around:  # the outer ones come first
            found[path] = here[path] + found[self.around[path]]
        del found[""]
        return found

    def _length(self, model: str, here: dict[str, int]) -> int:
        """Fills in the levels within a model; returns how long the longest way through it is."""
        lengths: dict[str, int] = {}
        for it in self.inside.get(model, ()):
            within = self._length(it.path, here) if it.kind != "item" else 0
            lengths[it.path] = lengths[it.owner] if it.owner else self.counts[it.path] + within
            here[it.path] = 0
        for it in reversed(self.inside.get(model, ())):
            if it.owner:
                here[it.owner] = max(here[it.owner], here[it.path])
            for source in it.sources:
                here[source] = max(here[source], here[it.path] + lengths[it.path])
        return max((here[path] + length for path, length in lengths.items()), default=0)


def _around(everything: Sequence[Selectable]) -> dict[str, str]:
    """By path the one of what each is in: a model, or a layer with others in its arguments."""
    found: dict[str, str] = {}
    for it in everything:
        outer = it.path.rpartition(SEPARATOR)[0]
        while outer and outer not in found:
            outer = outer.rpartition(SEPARATOR)[0]
        found[it.path] = outer
    return found
