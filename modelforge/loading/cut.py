"""A model, whole or up to one of its layers, as a layer of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras


def cut(model: keras.Model, until: Sequence[str], name: str) -> keras.Model:
    """The model up to a layer, with its weights.

    until: the layer's name; where it is in a model within the model, the names on the way to it;
    nothing for the whole model. Several inputs are taken by name; several outputs are a list.
    """
    if until:
        inputs, found = _passed(model, until)
        outputs = list(found) if isinstance(found, list | tuple) else [found]
    else:
        inputs, outputs = model.inputs, list(model.outputs)
    given = {tensor.name: tensor for tensor in inputs}
    return keras.Model(
        given if len(given) > 1 else next(iter(given.values())),
        outputs if len(outputs) > 1 else outputs[0],
        name=name,
    )


def _passed(model: Any, until: Sequence[str]) -> tuple[list[Any], Any]:
    """Goes through the model layer by layer; its inputs, and what the last named layer gives.

    A layer's own `output` would not do: a model within a model does not know the outer one's.
    """
    found: list[Any] = []

    def call(layer: Any, *arguments: Any, **options: Any) -> Any:
        if layer.name == until[0] and not found:
            wanted = _inner(layer, until[1:]) if len(until) > 1 else layer
            result = wanted(*arguments, **options)
            found.append(result)
            if wanted is layer:
                return result
        return layer(*arguments, **options)

    if isinstance(model, keras.Sequential):
        (old,) = model.inputs
        tensor = start = keras.Input(batch_shape=old.shape, dtype=old.dtype, name=old.name)
        for layer in model.layers:
            tensor = call(layer, tensor)
        return [start], found[0]
    again = keras.models.clone_model(
        model, clone_function=lambda layer: layer, call_function=call, recursive=False
    )
    return again.inputs, found[0]


def _inner(model: Any, until: Sequence[str]) -> keras.Model:
    """A model within the model, up to a layer, that is called as the whole one is."""
    inputs, outputs = _passed(model, until)
    flat = iter(inputs)
    structure = keras.tree.map_structure(lambda _: next(flat), model.input)
    return keras.Model(structure, outputs, name=model.name)
