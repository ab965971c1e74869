"""A function of `keras.ops`, called on tensors, becomes a part of a model under the item's name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import keras


class Operation:
    """A function with the arguments that a spec gives it, to be called on tensors by name."""

    def __init__(self, function: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
        self._function = function
        self._arguments = dict(arguments)

    def __call__(self, name: str, tensors: Mapping[str, Any]) -> Any:
        """What the function makes of the tensors; the node in the model is called `name`."""
        result = _called(self._function, {**self._arguments, **tensors})
        given = [id(tensor) for tensor in keras.tree.flatten(list(tensors.values()))]
        for tensor in keras.tree.flatten(result):
            if id(tensor) not in given:
                # Keras numbers operations over the whole process; the model's saved file, its
                # outputs and its summary show the name.
                tensor._keras_history.operation.name = name
        return result


def _called(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """The call by name, and `einsum(subscripts, *operands)` as Python wants it."""
    parameters = inspect.signature(function).parameters
    kinds = {parameter.kind: name for name, parameter in parameters.items()}
    keywords = kinds.get(inspect.Parameter.VAR_KEYWORD, "")
    arguments |= arguments.pop(keywords, None) or {}
    varying = kinds.get(inspect.Parameter.VAR_POSITIONAL, "")
    if varying not in arguments:
        return function(**arguments)
    tensors = arguments.pop(varying)
    before = list(parameters)[: list(parameters).index(varying)]
    return function(*(arguments.pop(name) for name in before), *tensors, **arguments)
