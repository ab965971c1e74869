"""A model, whole or up to one of its layers, as a layer of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras


def cut(model: keras.Model, ways: Sequence[Sequence[str]], name: str) -> keras.Model:
    """The model up to a layer or several, with its weights.

    ways: to each layer its name; where it is in a model within the model, the names on the way to
    it, which are the same for all of them but for the last; nothing for the whole model. Several
    inputs are taken by name; several outputs are a list.
    """
    if ways:
        inputs, found = _passed(model, ways[0][:-1], [way[-1] for way in ways])
        outputs = keras.tree.flatten(found)
    else:
        inputs, outputs = model.inputs, list(model.outputs)
    given = {tensor.name: tensor for tensor in inputs}
    return keras.Model(
        given if len(given) > 1 else next(iter(given.values())),
        outputs if len(outputs) > 1 else outputs[0],
        name=name,
    )


def _passed(model: Any, within: Sequence[str], names: Sequence[str]) -> tuple[list[Any], list[Any]]:
    """Goes through the model layer by layer; its inputs, and what the named layers give.

    within: the models on the way to them. A layer's own `output` would not do: a model within a
    model does not know the outer one's.
    """
    found: dict[str, Any] = {}

    def call(layer: Any, *arguments: Any, **options: Any) -> Any:
        if within and layer.name == within[0] and not found:
            results = _inner(layer, within[1:], names)(*arguments, **options)
            several = results if isinstance(results, list | tuple) else [results]
            found.update(zip(names, [several] if len(names) == 1 else several, strict=True))
        elif not within and layer.name in names and layer.name not in found:
            found[layer.name] = layer(*arguments, **options)
            return found[layer.name]
        return layer(*arguments, **options)

    if isinstance(model, keras.Sequential):
        (old,) = model.inputs
        tensor = start = keras.Input(batch_shape=old.shape, dtype=old.dtype, name=old.name)
        for layer in model.layers:
            tensor = call(layer, tensor)
        return [start], [found[name] for name in names]
    again = keras.models.clone_model(
        model, clone_function=lambda layer: layer, call_function=call, recursive=False
    )
    return again.inputs, [found[name] for name in names]


def _inner(model: Any, within: Sequence[str], names: Sequence[str]) -> keras.Model:
    """A model within the model, up to some layers, that is called as the whole one is."""
    inputs, found = _passed(model, within, names)
    outputs = found[0] if len(found) == 1 else found
    flat = iter(inputs)
    structure = keras.tree.map_structure(lambda _: next(flat), model.input)
    return keras.Model(structure, outputs, name=model.name)
