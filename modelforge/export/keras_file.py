"""A `.keras` file: the preprocessing and the model as one Keras model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras

from modelforge.data.bundle import Tensor
from modelforge.evaluate.structure import as_list, entrance
from modelforge.export.served import Served, argument_names
from modelforge.loading import load_model


def write_keras(served: Served, path: Path) -> None:
    """Writes the file."""
    joined(served).save(str(path), include_optimizer=False)


def load_keras(path: Path, inputs: Mapping[str, Tensor]) -> Callable[..., dict[str, Any]]:
    """The written file as a function from inputs by name to outputs by name."""
    model = load_model(str(path))

    names = argument_names(inputs)

    def answer(given: Mapping[str, Any]) -> dict[str, Any]:
        if isinstance(model.input, Mapping) and set(model.input) == set(names.values()):
            given = {names[name]: value for name, value in given.items()}
        outputs = model(entrance(model, dict(given)), training=False)
        if isinstance(outputs, Mapping):
            return dict(outputs)
        return dict(zip(model.output_names, as_list(outputs), strict=True))

    return answer


def joined(served: Served) -> keras.Model:
    """One model from the raw inputs to the outputs; several outputs are given by name."""
    if served.preprocessing is None:
        return served.model
    names = argument_names(served.inputs)
    inputs = {
        name: keras.Input(tensor.shape, dtype=tensor.dtype, name=names[name])
        for name, tensor in served.inputs.items()
    }
    outputs = as_list(served.model(entrance(served.model, served.preprocessing(inputs))))
    named = dict(zip(served.output_names, outputs, strict=True))
    given = {names[name]: tensor for name, tensor in inputs.items()}
    return keras.Model(given, named, name=served.model.name)
