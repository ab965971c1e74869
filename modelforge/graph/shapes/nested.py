"""A model among the layers: made once, for certain shapes, and called on others like them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from modelforge.graph.graph import Graph
from modelforge.graph.shapes.known import Clash, Known, Shape


@dataclass(frozen=True, slots=True)
class Model:
    """entrances: the shapes that it was made for; inner: what is known of its nodes then."""

    graph: Graph
    entrances: Mapping[str, Shape]
    inner: Mapping[str, Known]

    def check(self, given: Mapping[str, Shape]) -> None:
        """Refuses shapes that are not those that it was made for."""
        for name, shape in given.items():
            made = self.entrances.get(name)
            if made is not None and not _alike(shape, made):
                raise Clash(f"its input `{name}` is made for {made}, and is given {shape}")

    def known(self, inner: Mapping[str, Known] | None) -> Known:
        """The model as a layer, with the outputs of a call; inner: None where they are unknown."""
        trainable, frozen = _sum(self.inner, "trainable"), _sum(self.inner, "frozen")
        shapes = (
            [inner[name].shape if name in inner else None for name in self.graph.outputs]
            if inner
            else []
        )
        told = tuple(shape for shape in shapes if shape is not None)
        whole = told and len(told) == len(self.graph.outputs)
        return Known(told if whole else None, trainable, frozen, self.inner)

    def same_weights(self, other: Mapping[str, Known]) -> bool:
        """Whether it would have the same weights for other shapes, as far as is known."""
        return all(
            found.parameters is not None and found.parameters == other[name].parameters
            for name, found in self.inner.items()
        )


def _alike(given: Shape, made: Shape) -> bool:
    return len(given) == len(made) and all(
        size is None or wanted is None or size == wanted
        for size, wanted in zip(given, made, strict=True)
    )


def _sum(inner: Mapping[str, Known], what: str) -> int | None:
    counts = [getattr(known, what) for known in inner.values()]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
