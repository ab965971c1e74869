"""The only place of this room that touches what Keras keeps to itself: how its graphs are wired.

Seen on Keras 3.15.1. `tests/build/test_private.py` says what is expected of each name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras


class Call:
    """One call of an operation in a model: what it was called on, and what came of it.

    inputs, outputs: symbolic tensors. begins: whether it stands for an input of the model.
    """

    def __init__(self, node: Any) -> None:
        self._node = node
        self.operation = node.operation
        self.inputs = tuple(node.input_tensors)
        self.outputs = tuple(node.outputs)
        self.begins = bool(node.is_input)

    @property
    def options(self) -> set[str]:
        """The names of the arguments that were given by name, and are not None."""
        return {name for name, it in self._node.arguments.kwargs.items() if it is not None}

    def arguments(self, values: dict[int, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Those of the call, with values in the place of tensors; values: by `id` of the tensor."""
        found: tuple[tuple[Any, ...], dict[str, Any]] = self._node.arguments.fill_in(values)
        return found

    def run(self, values: dict[int, Any], training: bool | None) -> list[Any]:
        """What the operation makes of these values, called as a functional model calls it."""
        args, options = self.arguments(values)
        if training is not None and "training" in getattr(self.operation, "_call_context_args", ()):
            options["training"] = training
        return list(keras.tree.flatten(self.operation(*args, **options)))


def calls_in(model: keras.Model) -> Iterator[Call]:
    """The calls that a functional model is made of, each after what it is called on."""
    by_depth = model._nodes_by_depth
    for depth in sorted(by_depth, reverse=True):
        for node in by_depth[depth]:
            yield Call(node)


def functional_of(model: Any) -> Any:
    """The graph of a model: itself, or what a Sequential keeps; None where it has none."""
    if isinstance(model, keras.Sequential):
        return model._functional
    return model if hasattr(model, "_nodes_by_depth") else None


def entered(model: keras.Model, inputs: Any) -> list[Any]:
    """What a functional model makes of its inputs before anything else: one for each of them."""
    return list(model._standardize_inputs(inputs))


def masked(tensor: Any) -> bool:
    """Whether a symbolic tensor carries a mask."""
    return getattr(tensor, "_keras_mask", None) is not None


def every_layer(layer: Any) -> list[Any]:
    """The layer and those in it, to any depth, also where no model or wrapper tells of them."""
    return list(layer._flatten_layers()) if isinstance(layer, keras.layers.Layer) else []


def maker(tensor: Any) -> Any:
    """The operation whose output a symbolic tensor is."""
    return tensor._keras_history.operation


def made_from(tensor: Any) -> tuple[Any, int, list[Any]]:
    """The operation that makes a symbolic tensor, the number of the call, what it is called on."""
    operation, number, _ = tensor._keras_history
    return operation, number, list(operation._inbound_nodes[number].input_tensors)
