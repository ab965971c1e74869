"""What cannot stand in `augment`: layers that mix labels, learn, or change shape or type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from modelforge.data.bundle import Tensor
from modelforge.findings import Findings, Span
from modelforge.spec import DataSection

# They mix images of several classes, and the labels have to be mixed in the same proportions.
MIXING = ("CutMix", "MixUp")


def check_augmentation(
    section: DataSection, layers: Sequence[Any], tensor: Tensor, findings: Findings
) -> None:
    """Traces each layer on the first input, as the pipeline will; nothing is computed."""
    for number, layer in enumerate(layers):
        place = section.augment[number].span if number < len(section.augment) else section.span
        name = type(layer).__name__
        if name in MIXING:
            _refuse_mixing(name, place, findings)
        elif not _fits(name, layer, tensor, (place, findings)):
            return  # what comes after would only repeat it


def _refuse_mixing(name: str, place: Span, findings: Findings) -> None:
    findings.error(
        "augment-mixes-labels",
        f"`{name}` mixes images of several classes, and `augment` does not mix their labels",
        place,
        notes=(
            "a mixed image with the label of one of its classes would teach what is not so",
            "expected layers that change each image on its own, such as `RandomFlip`, "
            "`RandomErasing` or `RandAugment`",
        ),
    )


def _fits(name: str, layer: Any, tensor: Tensor, told: tuple[Span, Findings]) -> bool:
    place, findings = told
    spec = tf.TensorSpec((None, *tensor.shape), tensor.dtype)
    try:
        if not layer.built:  # a layer that keeps what it builds would keep tensors of the trace
            layer.build(tuple(spec.shape))
        traced = tf.function(lambda batch: layer(batch, training=True)).get_concrete_function(spec)
    except Exception as error:  # a layer raises whatever its own code happens to raise
        findings.error(
            "augment-refused",
            f"`{name}` cannot be applied to a batch of training inputs: {_reason(error)}",
            place,
            notes=(
                f"it is given one tensor of shape {[None, *tensor.shape]}, {tensor.dtype}",
                "layers that take several inputs belong into `model`",
            ),
        )
        return False
    if layer.weights:
        findings.error(
            "augment-learns",
            f"`{name}` has weights, which nothing would train in `augment`",
            place,
            notes=("layers that learn belong into `model`",),
        )
        return False
    return _same_shape(name, traced.structured_outputs, spec, told)


def _same_shape(name: str, made: Any, spec: Any, told: tuple[Span, Findings]) -> bool:
    place, findings = told
    shape = getattr(made, "shape", None)
    if shape is not None and spec.shape[1:].is_compatible_with(shape[1:]):
        return True
    given = list(shape) if shape is not None else "several tensors"
    findings.error(
        "augment-changes-shape",
        f"`{name}` turns inputs of shape {list(spec.shape)} into {given}",
        place,
        notes=(
            "`augment` works in training only, so validation would be given another shape",
            "put the layer into `model`, or let the data source resize (`image_size`)",
        ),
    )
    return False


def _reason(error: Exception) -> str:
    """The sentence in an error that says what is wrong, without paths and colours."""
    lines = [line.strip() for line in str(error).replace("\x1b[1m", "").splitlines()]
    lines = [line.replace("\x1b[0m", "") for line in lines]
    said = [line for line in lines if line and not line.startswith(("File ", "in user code"))]
    for line in said:
        if "Error: " in line and "Exception encountered" not in line:
            return line.split("Error: ", 1)[1][:300]
    after = [i + 1 for i, line in enumerate(said) if "Exception encountered" in line]
    chosen = said[after[0]] if after and after[0] < len(said) else (said or [""])[0]
    return (chosen or type(error).__name__)[:300]
