"""Tensors by name on one side, the structure that a Keras model takes and gives on the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras


def entrance(model: keras.Model, given: Any) -> Any:
    """Inputs in the structure that the model takes: a tensor where it has a single input."""
    if isinstance(given, Mapping) and not isinstance(model.input, Mapping):
        values = list(given.values())
        return values[0] if len(values) == 1 else [given[name] for name in model.input_names]
    if not isinstance(given, Mapping) and isinstance(model.input, Mapping):
        return {next(iter(model.input)): given}
    return given


def as_list(outputs: Any) -> list[Any]:
    """The outputs of a model, in order."""
    if isinstance(outputs, Mapping):
        return list(outputs.values())
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
