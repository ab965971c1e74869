"""The networks of keras.applications, with their preprocessing in front and weights from a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import keras

from modelforge.catalog.own.backbones import ARGUMENTS, layers_of, preprocessing_of
from modelforge.findings import Span, did_you_mean, listed, refuse
from modelforge.graph.graph import weights_file
from modelforge.loading.download import downloading
from modelforge.loading.matched import load_weights
from modelforge.spec import Object

# `keras.applications.imagenet_utils.preprocess_input`, of RGB; for caffe in BGR.
_CAFFE_MEANS = [103.939, 116.779, 123.68]
_TORCH_MEANS = [255 * mean for mean in (0.485, 0.456, 0.406)]
_TORCH_VARIANCES = [(255 * deviation) ** 2 for deviation in (0.229, 0.224, 0.225)]


def with_input_shape(found: Object, given: Any, *, shared: bool) -> Object:
    """A network with the shape of what it is called on, where the spec does not say one.

    Keras would make it for any size of three channels, and with a head for its own size alone.
    shared: whether it is called again, perhaps on another size.
    """
    shape = getattr(given, "shape", None)
    if found.kind != "application" or shape is None or len(shape) != 4:
        return found
    if found.arguments.get("input_shape") is not None:
        return found
    head = found.arguments.get("include_top", True) is True
    axes = (2, 3) if _channels_first() else (1, 2)
    static = all(shape[axis] is not None for axis in axes)
    if head and not static:
        return found  # Keras takes the size that it was trained at
    sizes = [
        None if shared and not head and axis in axes else size for axis, size in enumerate(shape)
    ]
    return replace(found, arguments={**found.arguments, "input_shape": tuple(sizes[1:])})


def application(found: Object, constructor: Callable[..., Any]) -> Callable[..., keras.Model]:
    """What makes a network of the arguments of its word; found: the word as it is written."""

    def make(**arguments: Any) -> keras.Model:
        for own in ARGUMENTS:
            arguments.pop(own.name, None)
        # Keras looks blocks and files of weights up under the name (EfficientNetV2): it keeps its
        # own until it is made.
        name = arguments.pop("name", None)
        bound = preprocessing_of(found.name, found.arguments)
        weights = weights_file(found)
        if weights is not None:
            arguments["weights"] = None
        span = found.span_of("weights")
        if bound in ("none", "model"):
            model = _downloaded(found.name, constructor, arguments, span)
        else:
            model = _preprocessed(found.name, bound, constructor, arguments, span)
        if weights is not None:
            load_weights(model, weights, span)
        outputs = _outputs(layers_of(found.arguments), model, found)
        return keras.Model(model.input, outputs, name=name or model.name)

    return make


def _outputs(names: tuple[str, ...], model: keras.Model, found: Object) -> Any:
    """What some layers of the network give; what the whole of it does without any."""
    if not names:
        return model.output
    known = {layer.name: layer for layer in model.layers}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise refuse(
            "unknown-until",
            f"`{found.name}` has no layer `{unknown[0]}`",
            found.span_of("until"),
            hint=did_you_mean(unknown[0], known),
            notes=[f"its last layers: {listed(list(known)[-12:], 12)}"],
        )
    outputs = [known[name].output for name in names]
    return outputs if len(outputs) > 1 else outputs[0]


def _preprocessed(
    name: str,
    bound: str,
    constructor: Callable[..., Any],
    arguments: Mapping[str, Any],
    span: Span,
) -> keras.Model:
    """A network whose first layers do what its weights expect; one model, without one within."""
    shape = arguments.get("input_shape")
    if shape is None:  # as Keras chooses: it alone knows the size of a network with a head
        plain = constructor(**{**arguments, "weights": None})
        shape = tuple(plain.input.shape[1:])
    start = keras.Input(shape)
    given = {**arguments, "input_shape": tuple(shape), "input_tensor": preprocess(start, bound)}
    model = _downloaded(name, constructor, given, span)
    # Keras wraps the input in a list where it is handed a tensor.
    return keras.Model(start, model.output, name=model.name)


def preprocess(images: Any, bound: str) -> Any:
    """Pixels of 0 to 255 as a network takes them, by layers of Keras that any Keras can load.

    bound: `tf`, `caffe` or `torch`, as in `keras.applications.imagenet_utils.preprocess_input`.
    In the precision of weights: half of it would lose what tells neighbouring pixels apart.
    """
    dtype = keras.config.dtype_policy().variable_dtype
    if bound == "tf":
        return keras.layers.Rescaling(1 / 127.5, -1.0, name="preprocessing", dtype=dtype)(images)
    axis = 1 if _channels_first() else -1
    means, variances = _TORCH_MEANS, _TORCH_VARIANCES
    if bound == "caffe":
        images = keras.ops.flip(images, axis=axis)
        means, variances = _CAFFE_MEANS, [1.0, 1.0, 1.0]
    return keras.layers.Normalization(
        axis=axis, mean=means, variance=variances, name="preprocessing", dtype=dtype
    )(images)


def _downloaded(
    name: str, constructor: Callable[..., Any], arguments: Mapping[str, Any], span: Span
) -> keras.Model:
    with downloading(name, span):
        return constructor(**arguments)


def _channels_first() -> bool:
    return bool(keras.config.image_data_format() == "channels_first")
