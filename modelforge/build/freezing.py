"""`freeze` and `batch_norm`, applied to a model that is built."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import keras

from modelforge.build.inner import switch
from modelforge.build.paths import Layers
from modelforge.build.private import every_layer
from modelforge.findings import Findings
from modelforge.graph import Graph
from modelforge.graph.freezing.frozen import Counts, Frozen
from modelforge.graph.freezing.report import report
from modelforge.graph.freezing.select import Selection
from modelforge.graph.freezing.selectable import Selectable
from modelforge.graph.saved import Saved
from modelforge.schema.freezing import AUTO, INFERENCE
from modelforge.spec import Freeze, TrainSection


@dataclass(frozen=True)
class _AsBuilt:
    """What was trained when the model was built: layers and variables, the outer ones first.

    learning: the variables that are trained where nothing is frozen, by `id`.
    """

    layers: tuple[tuple[Any, bool], ...]
    variables: tuple[tuple[Any, bool], ...]
    learning: frozenset[int]


_AS_BUILT: WeakKeyDictionary[keras.Model, _AsBuilt] = WeakKeyDictionary()


def apply_freezing(
    model: keras.Model,
    graph: Graph,
    freeze: Freeze | None,
    batch_norm: str = AUTO,
) -> Frozen:
    """Freezes the layers that `freeze` selects, sees to batch normalization, and counts both.

    It may be called again with something else, for another phase: the model begins each time as it
    was built. Where the spec says what is frozen, it does not matter what a loaded model had frozen
    when it was saved, unless `trainable` stands beside `load`. The model has to be compiled after
    it. Raises Refused where a selector selects nothing.
    """
    layers = Layers(model, graph)
    built = _AS_BUILT.get(model)
    if built is None:
        built = _AS_BUILT[model] = _as_built(model)
    _restore(built)
    if freeze is not None:
        _thaw_loaded(layers)
        for path in _selected(layers, freeze, built):
            switch(layers.made[path], trainable=False)
    return _counted(layers, built, _keep_statistics(layers, batch_norm))


def frozen_by_phase(model: keras.Model, graph: Graph, train: TrainSection) -> dict[str, Frozen]:
    """What is frozen in each phase, by its name; the model is left as the first one trains it."""
    found = {
        phase.name: apply_freezing(model, graph, phase.train.freeze, phase.train.batch_norm)
        for phase in train.parts
    }
    if len(found) > 1:
        first = train.parts[0].train
        apply_freezing(model, graph, first.freeze, first.batch_norm)
    return found


@contextmanager
def as_trained(model: keras.Model) -> Iterator[None]:
    """Says of each layer what is true of its weights, for a file.

    Batch normalization in inference mode would be saved as if its weights were frozen: whoever
    loads the file would not train them, and Keras would miss them in the optimizer.
    """
    held = [
        (layer, trained)
        for layer in every_layer(model)
        if isinstance(layer, keras.layers.BatchNormalization) and not layer.trainable
        if (trained := [it for it in layer.variables if it.trainable])
    ]
    for layer, _ in held:
        layer.trainable = True
    try:
        yield
    finally:
        for layer, trained in held:
            _use_statistics(layer, trained)


def _as_built(model: keras.Model) -> _AsBuilt:
    layers = tuple((layer, layer.trainable) for layer in every_layer(model))
    variables = tuple((variable, variable.trainable) for variable in model.variables)
    switch(model, trainable=True)
    learning = frozenset(id(it) for it in model.variables if it.trainable)
    return _AsBuilt(layers, variables, learning)


def _restore(built: _AsBuilt) -> None:
    for layer, trainable in built.layers:
        layer.trainable = trainable
    for variable, trainable in built.variables:
        variable.trainable = trainable


def _thaw_loaded(layers: Layers) -> None:
    """Forgets what was frozen when models were saved."""
    for model, opened in layers.opened:
        if not isinstance(opened, Saved) or opened.trainable is None:
            switch(model, trainable=True)


def _selected(layers: Layers, freeze: Freeze, built: _AsBuilt) -> tuple[str, ...]:
    def weights(path: str) -> int:
        layer = layers.made[path]
        return sum(id(it) in built.learning for it in getattr(layer, "variables", ()))

    selection = Selection(layers.everything)
    chosen = selection.select(freeze, weights)
    findings = Findings()
    report(selection, freeze, findings)
    findings.stop_on_errors()
    return chosen


def _keep_statistics(layers: Layers, batch_norm: str) -> set[int]:
    """Lets batch normalization use the statistics that it has, while its weights are trained.

    Keras does so where a layer is not trainable, whatever its variables are (keras#9214). Returns
    the layers by `id`.
    """
    found: set[int] = set()
    for it in layers.everything:
        if it.kind not in ("layer", "item") or batch_norm not in (AUTO, INFERENCE):
            continue
        if batch_norm != INFERENCE and not it.loaded:
            continue
        for layer in every_layer(layers.made[it.path]):
            if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable:
                _use_statistics(layer, layer.trainable_variables)
                found.add(id(layer))
    return found


def _use_statistics(layer: keras.layers.BatchNormalization, trained: Iterable[Any]) -> None:
    """Inference mode, in which these of its weights are trained."""
    layer.trainable = False
    for variable in trained:
        variable.trainable = True


def _counted(layers: Layers, built: _AsBuilt, inference: set[int]) -> Frozen:
    seen: set[int] = set()
    found: dict[str, Counts] = {}
    for it in layers.everything:
        counts = _count(it, layers, built, seen, inference) if it.kind == "layer" else None
        if counts is not None:
            found[it.path] = counts
    return Frozen(found)


def _count(
    it: Selectable, layers: Layers, built: _AsBuilt, seen: set[int], inference: set[int]
) -> Counts | None:
    """The layer, counted; None where nothing in it can learn, or all of it has been counted."""
    layer = layers.made[it.path]
    own = [each for each in getattr(layer, "weights", ()) if id(each) not in seen]
    seen |= {id(each) for each in own}
    learning = [each for each in own if id(each) in built.learning]
    if not learning:
        return None
    held = [each for each in learning if not each.trainable]
    frozen = len(held) == len(learning)
    kept = sum(id(each) in inference for each in every_layer(layer))
    return Counts(1, int(frozen), _size(own), _size(own if frozen else held), kept)


def _size(variables: Iterable[Any]) -> int:
    return sum(int(it.shape.num_elements()) for it in variables)
