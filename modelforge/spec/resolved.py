"""The resolved spec: no variables, every default of every word written out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from modelforge.catalog import Argument, Catalog
from modelforge.findings import Source, Span
from modelforge.spec.spec import (
    DataSection,
    InnerModel,
    InputItem,
    LayerItem,
    LoadItem,
    ModelSection,
    Phase,
    Spec,
    TrainSection,
    WeightsItem,
)
from modelforge.spec.values import Deferred, Object

NOWHERE = Span(Source("default", ""), 1, 1, 1, 1)


class Resolved:
    """Writes a spec as plain values that, read again, are the same spec.

    A default of null is left out: it is Keras's own way to say that nothing was given.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def spec(self, spec: Spec) -> dict[str, Any]:
        """The whole spec."""
        sections = {
            "modelforge": 1,
            "name": spec.name,
            "description": spec.description or None,
            "plugins": list(spec.plugins) or None,
            "data": self._data(spec.data) if spec.data else None,
            "model": self._model(spec.model),
            "train": self._train(spec.train) if spec.train else None,
            "export": self._each(spec.export) or None,
        }
        return _given(sections)

    def value(self, value: Any) -> Any:
        """A value of an argument."""
        if isinstance(value, Object):
            return self.object(value)
        if isinstance(value, Deferred):
            return value.expression
        if isinstance(value, Mapping):
            return {key: self.value(item) for key, item in value.items()}
        if isinstance(value, tuple | list):
            return [self.value(item) for item in value]
        return value

    def object(self, found: Object) -> Any:
        """`Name`, or `Name: {argument: value}` with every default."""
        if isinstance(found, InnerModel):
            return self._inner(found)
        word = self.catalog.find(found.name, found.kind)  # type: ignore[arg-type]
        arguments: dict[str, Any] = {}
        # An activation is a function: with arguments it would be another one, without a name.
        plain = found.kind == "activation" and not found.arguments
        for argument in word.arguments if word and not plain else ():
            if argument.name in found.arguments:
                arguments[argument.name] = self.value(found.arguments[argument.name])
            elif (found.kind, argument.name) == ("application", "name"):
                continue  # the layer is called as ModelForge names it, which stands beside the word
            elif argument.default is not None and not argument.unsayable:
                arguments[argument.name] = self._default(argument)
        return {found.name: arguments} if arguments else found.name

    def _default(self, argument: Argument) -> Any:
        """A default, with its own defaults where it is the name of an object."""
        name = argument.default
        word = self.catalog.find(name, *argument.kinds) if isinstance(name, str) else None
        return self.object(Object(word.kind, word.name, {}, NOWHERE)) if word else name

    def _data(self, data: DataSection) -> dict[str, Any]:
        return _given(
            {
                "train": self.object(data.train),
                "validation": self.value(data.validation),
                "test": self.value(data.test),
                "target": self.value(data.target),
                "batch_size": data.written_batch_size,
                "shuffle": data.shuffle,
                "seed": data.seed,
                "augment": self._each(data.augment) or None,
                "augment_by": data.augment_by if data.augment else None,
                "cache": data.cache,
            }
        )

    def _model(self, model: ModelSection) -> dict[str, Any]:
        return _given(
            {
                "inputs": {i.name: self._input(i) for i in model.inputs} if model.inputs else None,
                "layers": [self._layer(layer) for layer in model.layers],
                "outputs": self.value(model.outputs),
                "weights": self._weights(model.weights) if model.weights else None,
            }
        )

    def _weights(self, weights: WeightsItem) -> dict[str, Any]:
        return {"from": weights.path, "partial": weights.partial}

    def _input(self, item: InputItem) -> dict[str, Any]:
        return {"shape": self.value(item.shape), **_given({"dtype": item.dtype})}

    def _layer(self, layer: LayerItem) -> Any:
        beside = _given(
            {
                "name": layer.name,
                "from": self.value(layer.sources),
                "call": self.value(layer.call) or None,
            }
        )
        if layer.use:
            return {"use": layer.use, **beside}
        if layer.model is not None:
            return {"model": self._model(layer.model), **beside}
        if layer.load is not None:
            return {"load": self._load(layer.load), **beside}
        word = self.object(layer.object)
        if not beside:
            return word
        return {**(word if isinstance(word, dict) else {word: None}), **beside}

    def _inner(self, found: InnerModel) -> dict[str, Any]:
        if found.model is not None:
            return {"model": self._model(found.model)}
        assert found.load is not None
        return {"load": self._load(found.load)}

    def _load(self, load: LoadItem) -> dict[str, Any]:
        until = (load.until[0] if len(load.until) == 1 else list(load.until)) or None
        return _given({"path": load.path, "until": until, "trainable": load.trainable})

    def _train(self, train: TrainSection) -> dict[str, Any]:
        return _given(
            {
                "loss": self.value(train.loss),
                "loss_weights": self.value(train.loss_weights),
                "metrics": self.value(train.metrics),
                "optimizer": self.object(train.optimizer),
                "epochs": self.value(train.epochs),
                "freeze": train.freeze.written if train.freeze is not None else None,
                "thaw": train.thaw.written if train.thaw is not None else None,
                "batch_norm": train.batch_norm if train.batch_norm != "auto" else None,
                "frozen_features": train.frozen_features
                if train.frozen_features != "auto"
                else None,
                "learning_rate_multipliers": self.value(train.learning_rate_multipliers) or None,
                "layer_decay": train.layer_decay if train.layer_decay != 1 else None,
                "callbacks": self._each(train.callbacks) or None,
                "class_weight": self.value(train.class_weight),
                "precision": train.precision,
                "learning_rate_scaling": train.learning_rate_scaling,
                "distribute": self.object(train.distribute),
                "seed": train.seed,
                "deterministic": train.deterministic,
                "jit_compile": train.jit_compile,
                "checkpoint": _given(asdict(train.checkpoint)),
                "on_divergence": (
                    asdict(train.on_divergence) if train.on_divergence.restore else None
                ),
                "phases": [self._phase(phase) for phase in train.written_phases] or None,
            }
        )

    def _phase(self, phase: Phase) -> dict[str, Any]:
        """What the phase says itself, be it an empty list; the rest stands above it, once."""
        batch_size, augment_by = phase.written_batch_size, phase.augment_by
        said = {
            **self._train(phase.train),
            "callbacks": self._each(phase.train.callbacks),
            "batch_norm": phase.train.batch_norm,
            "frozen_features": phase.train.frozen_features,
            "learning_rate_multipliers": self.value(phase.train.learning_rate_multipliers),
            "layer_decay": phase.train.layer_decay,
            "on_divergence": asdict(phase.train.on_divergence),
            **_given({"batch_size": batch_size, "augment_by": augment_by, "start": phase.start}),
            "augment": self._each(phase.augment or ()),
        }
        return {"name": phase.name, **{key: said[key] for key in said if key in phase.own}}

    def _each(self, objects: Iterable[Object]) -> list[Any]:
        return [self.object(found) for found in objects]


def _given(entries: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entries.items() if value is not None}
