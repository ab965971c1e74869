"""The backbone of a KerasHub preset as a model of Keras's layers, its preprocessing in front."""

from __future__ import annotations

from typing import Any

import keras

from modelforge.build.private import maker
from modelforge.catalog.own.backbones import layers_of, preprocessing_of
from modelforge.catalog.own.hub import is_loaded
from modelforge.findings import did_you_mean, listed, refuse
from modelforge.loading.preset import load_preset
from modelforge.modelfile.preset import Preset
from modelforge.spec import Object


def backbone(found: Object) -> Any:
    """What makes the model of the arguments of `KerasHub`; found: the word as it is written."""

    def make(
        preset: str, input_shape: Any = None, name: str | None = None, **_: Any
    ) -> keras.Model:
        converts = preprocessing_of(found.name, found.arguments) == "preset"
        model, told = load_preset(
            preset,
            found.span_of("preset"),
            tuple(input_shape) if input_shape is not None else None,
            weights=is_loaded(found.arguments),
            converts=converts,
        )
        made = _in_front(model, told) if converts else keras.Model(model.input, model.output)
        return keras.Model(made.input, _outputs(made, model, found), name=name or model.name)

    return make


def _in_front(model: keras.Model, told: Preset) -> keras.Model:
    """The same model behind what its preset says of pixels; one model, without one within."""
    plain = keras.Model(model.input, model.output)
    if told.scale is None and told.offset is None:
        return plain
    scale = 1.0 if told.scale is None else told.scale
    offset = 0.0 if told.offset is None else told.offset
    # In the precision of weights: half of it would lose what tells neighbouring pixels apart.
    dtype = keras.config.dtype_policy().variable_dtype
    rescaling = keras.layers.Rescaling(scale, offset, name="preprocessing", dtype=dtype)
    scaled: dict[int, Any] = {}  # by the input, which several layers may be called on

    def behind(tensor: Any) -> Any:
        symbolic = keras.backend.is_keras_tensor(tensor)
        if not symbolic or not isinstance(maker(tensor), keras.layers.InputLayer):
            return tensor
        if id(tensor) not in scaled:
            scaled[id(tensor)] = rescaling(tensor)
        return scaled[id(tensor)]

    def call(layer: Any, *positional: Any, **named: Any) -> Any:
        positional, named = keras.tree.map_structure(behind, (positional, named))
        return layer(*positional, **named)

    made = keras.models.clone_model(plain, call_function=call)
    made.set_weights(plain.get_weights())
    return made


def _outputs(made: keras.Model, model: keras.Model, found: Object) -> Any:
    """What the layers under `until` give; a level of a pyramid (`P3`) is the layer it ends in."""
    names = layers_of(found.arguments)
    if not names:
        return made.output
    levels = getattr(model, "pyramid_outputs", None) or {}
    ends = {level: maker(tensor).name for level, tensor in levels.items()}
    known = {layer.name: layer for layer in made.layers}
    unknown = [name for name in names if name not in known and name not in ends]
    if unknown:
        there_are = [f"its last layers: {listed(list(known)[-12:], 12)}"]
        raise refuse(
            "unknown-until",
            f"the backbone of `{found.arguments['preset']}` has no layer `{unknown[0]}`",
            found.span_of("until"),
            hint=did_you_mean(unknown[0], [*known, *ends]),
            notes=[*there_are, *([f"its levels: {listed(ends)}"] if ends else [])],
        )
    outputs = [known[ends.get(name, name)].output for name in names]
    return outputs if len(outputs) > 1 else outputs[0]
