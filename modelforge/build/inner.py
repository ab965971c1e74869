"""What stands in the arguments of layers: models are built before them, frozen layers frozen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras

from modelforge.build.applications import with_input_shape
from modelforge.build.objects import Ready, make
from modelforge.build.private import every_layer
from modelforge.graph import WiredModel
from modelforge.spec import Object
from modelforge.spec.inside import Path, inside

# Makes a model of this name for a tensor; None where nobody knows what it will be called on.
Build = Callable[[WiredModel, Any, str], keras.Model]


def with_ready_models(found: Object, given: Any, name: str, build: Build) -> Object:
    """The layer with the models in its arguments built; itself where it has none.

    given: the tensor that the layer is called on. name: what the models are called after.
    """
    if not any(_waits(inner) for _, inner in inside(found)):
        return found
    arguments = dict(found.arguments)
    for argument, value in found.arguments.items():
        path = f"{name}.{argument}"
        if isinstance(value, Object):
            arguments[argument] = _ready(value, _called_on(found, given), path, build)
        elif isinstance(value, tuple):
            arguments[argument] = _in_a_row(found, value, given, path, build)
    return replace(found, arguments=arguments)


def _waits(found: Object) -> bool:
    """Whether it is made for what it is called on."""
    return isinstance(found, WiredModel) or found.kind == "application"


def keep_frozen(found: Object, layer: keras.layers.Layer) -> None:
    """Sees to `trainable: false` of a layer that has been called, and of those in its arguments.

    Keras 3.15.1 takes it for the layer itself, but a model around it trains the layers within.
    """
    for path, each in (((), found), *inside(found)):
        if each.arguments.get("trainable") is False:
            switch(held_at(layer, path), trainable=False)


def switch(layer: Any, *, trainable: bool) -> None:
    """Sets `trainable` of a layer and of all in it.

    TensorFlow ignores what sets an attribute to what it is, and with it what Keras would do about
    the layers within: so each is set, and to the opposite first.
    """
    for each in every_layer(layer):
        each.trainable = not trainable
        each.trainable = trainable


def held_at(layer: Any, path: Path) -> Any:
    """What a layer holds under the names of its arguments; None where it keeps it elsewhere."""
    for step in path:
        layer = layer[int(step)] if isinstance(layer, list | tuple) else getattr(layer, step, None)
    return layer


def _ready(found: Object, given: Any, name: str, build: Build) -> Object:
    if isinstance(found, WiredModel):
        return Ready(found.kind, found.name, {}, found.span, made=build(found, given, name))
    found = with_input_shape(found, given, shared=False)
    return with_ready_models(found, given, name, build)


def _in_a_row(
    around: Object, values: tuple[Any, ...], given: Any, name: str, build: Build
) -> tuple[Any, ...]:
    """The layers of a list; in a `Pipeline` each is called on what the one before makes."""
    if around.name != "Pipeline":
        given = None
    layers: list[Any] = []
    for number, value in enumerate(values):
        if isinstance(value, Object):
            value = _ready(value, given, f"{name}.{number}", build)
            if given is not None:
                made = make(value)
                given = made(given)
                value = Ready(value.kind, value.name, {}, value.span, made=made)
        layers.append(value)
    return tuple(layers)


def _called_on(around: Object, given: Any) -> Any:
    """A tensor like the one that a layer calls the layer within on; None where nobody knows."""
    shape = getattr(given, "shape", None)
    if shape is None or around.kind != "layer":
        return None
    if around.name == "TimeDistributed" and len(shape) > 2:
        return keras.KerasTensor((shape[0], *shape[2:]), dtype=given.dtype)
    return None
