"""A function of `keras.ops`, called on tensors, becomes a part of a model under the item's name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import keras
import numpy as np

from modelforge.build.private import maker


class Operation:
    """A function with the arguments that a spec gives it, to be called on tensors by name.

    constants: which of its tensors may be among the arguments, as numbers or lists of them.
    """

    def __init__(
        self, function: Callable[..., Any], arguments: Mapping[str, Any], constants: Iterable[str]
    ) -> None:
        self._function = function
        self._arguments = dict(arguments)
        for name in constants:
            # Keras takes a number as it is, and gives it the dtype of the others.
            if isinstance(self._arguments.get(name), list | tuple):
                self._arguments[name] = _array(self._arguments[name])

    def result(self, tensors: Mapping[str, Any]) -> Any:
        """What the function makes of tensors, symbolic or not."""
        return _called(self._function, {**self._arguments, **tensors})

    def __call__(self, name: str, tensors: Mapping[str, Any]) -> Any:
        """The same of symbolic tensors; the node in the model is called `name`."""
        result = self.result(tensors)
        given = [id(tensor) for tensor in keras.tree.flatten(list(tensors.values()))]
        for tensor in keras.tree.flatten(result):
            if id(tensor) not in given:
                # Keras numbers operations over the whole process; the model's saved file, its
                # outputs and its summary show the name.
                maker(tensor).name = name
        return result


def _array(numbers: Any) -> np.ndarray:
    """Numbers with the dtypes that Keras gives to numbers; NumPy's are twice as wide."""
    array = np.asarray(numbers)
    if array.dtype.kind == "f":
        return array.astype(keras.config.floatx())
    return array.astype("int32") if array.dtype.kind == "i" else array


def _called(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """The call by name, and `einsum(subscripts, *operands)` as Python wants it."""
    parameters = inspect.signature(function).parameters
    varying = next((name for name, it in parameters.items() if it.kind is it.VAR_POSITIONAL), "")
    if varying not in arguments:
        return function(**arguments)
    tensors = arguments.pop(varying)
    before = list(parameters)[: list(parameters).index(varying)]
    return function(*(arguments.pop(name) for name in before), *tensors, **arguments)
