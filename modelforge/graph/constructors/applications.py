"""The models of keras.applications."""

from __future__ import annotations

from collections.abc import Iterator

from modelforge.graph.constructors.values import Refusal, Rule, Values
from modelforge.graph.shapes.configured import LAST, image_data_format

_CLASSES = 1000  # of ImageNet
_LEAST = {"InceptionResNetV2": 75, "InceptionV3": 75, "Xception": 71}


def headed(values: Values) -> Iterator[Refusal]:
    """Weights that are trained with a head of their own."""
    classes = values.number("classes")
    of_images = values.value("weights") == "imagenet" and values.flag("include_top")
    if of_images and classes is not None and classes != _CLASSES:
        yield Refusal(
            "classes",
            f"the weights of ImageNet have a head of {_CLASSES} classes, not of {classes}",
            "say `include_top: false` and put a `Dense` behind it, or say `weights: null`",
        )


def sized(values: Values, least: int) -> Iterator[Refusal]:
    """Pictures that are large enough for all its steps."""
    shape = values.list("input_shape")
    sizes = [size for size in shape or () if type(size) is int]
    if len(sizes) != 3 or image_data_format() != LAST:
        return
    height, width, _ = sizes
    if min(height, width) < least:
        message = f"{height} x {width} is too small, expected at least {least} x {least}"
        yield Refusal("input_shape", message, "put a `Resizing` before it")


def application_rules(name: str) -> tuple[Rule, ...]:
    """The rules that speak of one of them."""
    least = _LEAST.get(name, 32)
    return (headed, lambda values: sized(values, least))
