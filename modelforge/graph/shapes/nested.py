"""A model among the layers: made once, for certain shapes, and called on others like them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from modelforge.graph.graph import Graph
from modelforge.graph.shapes.known import Clash, Known, Shape


@dataclass(frozen=True, slots=True)
class Model:
    """entrances: the shapes that it was made for; inner, tensors: what follows from them."""

    graph: Graph
    entrances: Mapping[str, Shape]
    inner: Mapping[str, Known]
    tensors: Mapping[str, Shape]

    def takes(self, given: Mapping[str, Shape]) -> bool:
        """Whether it can be called on these shapes for all that is known; refuses other sizes."""
        for name, shape in given.items():
            made = self.entrances.get(name, ())
            if len(made) != len(shape):
                return False  # Keras adds or drops an axis of 1
            if any(
                None not in pair and pair[0] != pair[1] for pair in zip(made, shape, strict=True)
            ):
                raise Clash(f"its input `{name}` is made for {made}, and is given {shape}")
        return True

    def known(self, tensors: Mapping[str, Shape] | None) -> Known:
        """The model as a layer; tensors: all shapes of a call, None where they are unknown."""
        found = [(tensors or {}).get(name) for name in self.graph.outputs]
        shapes = tuple(shape for shape in found if shape is not None)
        told = shapes if len(shapes) == len(found) else None
        return Known(told, _sum(self.inner, "trainable"), _sum(self.inner, "frozen"), self.inner)

    def same_weights(self, other: Mapping[str, Known]) -> bool:
        """Whether it would have the same weights for other shapes, as far as is known."""
        return all(
            found.parameters is not None and found.parameters == other[name].parameters
            for name, found in self.inner.items()
        )


def _sum(inner: Mapping[str, Known], what: str) -> int | None:
    counts = [getattr(known, what) for known in inner.values()]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
