"""SavedModel: written with named inputs and outputs, loaded as a stranger would load it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from modelforge.data.bundle import Tensor
from modelforge.export.served import Served, argument_names

SIGNATURE = "serving_default"
CLASS_NAMES = "class_names"


def write_saved_model(served: Served, path: Path, *, labels: bool = True) -> None:
    """Writes the folder.

    Keras's own `model.export` traces the model without `training=False`, which leaves layers for
    augmentation active; its signatures have no names of ours either. So the archive is filled here.
    """
    names = argument_names(served.inputs)
    originals = {argument: name for name, argument in names.items()}

    def serve(inputs: Mapping[str, Any]) -> dict[str, Any]:
        return served.answer({originals[name]: tensor for name, tensor in inputs.items()})

    archive = keras.export.ExportArchive()
    archive.track(served.model)
    if served.preprocessing is not None:
        archive.track(served.preprocessing)
    signature = {names[name]: _spec(names[name], it) for name, it in served.inputs.items()}
    archive.add_endpoint("serve", serve, input_signature=[signature])
    if labels and served.class_names:
        archive.add_endpoint(CLASS_NAMES, _class_names(served.class_names))
    archive.write_out(str(path), verbose=False)


def load_saved_model(path: Path, inputs: Mapping[str, Tensor]) -> Callable[..., dict[str, Any]]:
    """The written folder as a function from inputs by name to outputs by name."""
    loaded = tf.saved_model.load(str(path))
    signature = loaded.signatures[SIGNATURE]
    names = argument_names(inputs)

    def answer(given: Mapping[str, Any]) -> dict[str, Any]:
        # The function holds `loaded`: signatures alone do not keep their variables alive.
        assert loaded is not None
        outputs = signature(**{names[name]: tf.constant(value) for name, value in given.items()})
        return dict(outputs)

    return answer


def _spec(name: str, tensor: Tensor) -> tf.TensorSpec:
    return tf.TensorSpec((None, *tensor.shape), tensor.dtype, name=name)


def _class_names(names: Mapping[str, tuple[str, ...]]) -> Any:
    """The names under `class_names`, or where several outputs have classes, by output."""
    by_key = names if len(names) > 1 else {CLASS_NAMES: next(iter(names.values()))}

    def tell() -> dict[str, Any]:
        return {key: tf.constant(classes) for key, classes in by_key.items()}

    # An endpoint without arguments: ExportArchive takes it only as a tf.function traced already.
    function = tf.function(tell, input_signature=[])
    function.get_concrete_function()
    return function
