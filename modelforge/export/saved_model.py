"""SavedModel: written with named inputs and outputs, loaded as a stranger would load it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from modelforge.data.bundle import Tensor
from modelforge.evaluate.multi_label import THRESHOLD
from modelforge.export.labels import with_labels
from modelforge.export.served import Served, argument_names

SIGNATURE = "serving_default"
TENSORS = "serve_tensor"  # takes what the model itself takes, where preprocessing lies before it
CLASS_NAMES = "class_names"
TOP_K = 5


def write_saved_model(
    served: Served,
    path: Path,
    *,
    labels: bool = True,
    top_k: int = TOP_K,
    threshold: float = THRESHOLD,
) -> None:
    """Writes the folder.

    Keras's own `model.export` traces the model without `training=False`, which leaves layers for
    augmentation active; its signatures have no names of ours either. So the archive is filled here.
    """

    def told(outputs: dict[str, Any]) -> dict[str, Any]:
        return with_labels(served, outputs, top_k, threshold) if labels else outputs

    archive = keras.export.ExportArchive()
    archive.track(served.model)
    if isinstance(served.preprocessing, keras.Model):
        archive.track(served.preprocessing)
    _add_endpoint(archive, "serve", served.inputs, lambda given: told(served.answer(given)))
    if served.tensors:
        _add_endpoint(
            archive, TENSORS, served.tensors, lambda given: told(served.answer_tensors(given))
        )
    if labels and served.class_names:
        archive.add_endpoint(CLASS_NAMES, _class_names(served.class_names))
    archive.write_out(str(path), verbose=False)


def load_saved_model(
    path: Path, inputs: Mapping[str, Tensor], signature_name: str = SIGNATURE
) -> Callable[..., dict[str, Any]]:
    """A signature of the written folder as a function from inputs by name to outputs by name."""
    loaded = tf.saved_model.load(str(path))
    signature = loaded.signatures[signature_name]
    names = argument_names(inputs)

    def answer(given: Mapping[str, Any]) -> dict[str, Any]:
        # The function holds `loaded`: signatures alone do not keep their variables alive.
        assert loaded is not None
        outputs = signature(**{names[name]: tf.constant(value) for name, value in given.items()})
        return dict(outputs)

    return answer


def _add_endpoint(
    archive: keras.export.ExportArchive,
    name: str,
    inputs: Mapping[str, Tensor],
    answer: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    names = argument_names(inputs)
    originals = {argument: original for original, argument in names.items()}

    def serve(given: Mapping[str, Any]) -> dict[str, Any]:
        return answer({originals[argument]: tensor for argument, tensor in given.items()})

    signature = {names[it]: _spec(names[it], tensor) for it, tensor in inputs.items()}
    archive.add_endpoint(name, serve, input_signature=[signature])


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
