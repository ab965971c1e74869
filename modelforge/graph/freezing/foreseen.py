"""What will be frozen, counted without TensorFlow where all of it is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from modelforge.graph.freezing.check import learning_weights
from modelforge.graph.freezing.frozen import Counts, Frozen
from modelforge.graph.freezing.inside import look
from modelforge.graph.freezing.select import Selection
from modelforge.graph.freezing.selectable import SEPARATOR, Selectable, selectables
from modelforge.graph.graph import Graph
from modelforge.graph.shapes.known import Known
from modelforge.schema.freezing import INFERENCE
from modelforge.spec import Freeze, TrainSection
from modelforge.spec.inside import inside


def foresee_frozen(graph: Graph, known: Mapping[str, Known], train: TrainSection) -> Frozen | None:
    """The counts of one phase; None where only the model that is built can tell them.

    That is so of what is loaded, and of layers that are frozen in part.
    """
    everything = selectables(graph, look)
    sizes = dict(_parameters(graph, known, ""))
    layers = [it for it in everything if it.kind == "layer"]
    if any(it.opaque or it.loaded or it.kind == "item" for it in everything):
        return None
    if any(it.path not in sizes for it in layers):
        return None
    learning = learning_weights(graph, known)
    selection, freeze = Selection(everything), train.freeze or Freeze()
    selected = selection.select(freeze, learning.get)
    if not selection.certain:
        return None
    frozen = {*selected, *(path for path, (_, held) in sizes.items() if held)}
    return Frozen(
        {
            it.path: _counts(it, sizes[it.path][0], it.path in frozen, train)
            for it in layers
            if learning[it.path]
        }
    )


def _counts(it: Selectable, size: int, frozen: bool, train: TrainSection) -> Counts:
    kept = train.batch_norm == INFERENCE and "BatchNormalization" in it.classes and not frozen
    return Counts(1, int(frozen), size, size if frozen else 0, int(kept))


def _parameters(
    graph: Graph, known: Mapping[str, Known], prefix: str
) -> Iterator[tuple[str, tuple[int, bool]]]:
    """By path how many parameters a layer has, and whether the spec freezes it where it stands.

    Without layers in whose arguments one is frozen and others are not.
    """
    for node in graph.nodes:
        it, path = known.get(node.name, Known()), prefix + node.name
        parts = [found for _, found in inside(node.object)]
        if it.parameters is not None and not any("trainable" in part.arguments for part in parts):
            yield path, (it.parameters, node.object.arguments.get("trainable") is False)
        for before, inner in node.inner:
            yield from _parameters(inner, it.inner_of(before), path + SEPARATOR + before)
