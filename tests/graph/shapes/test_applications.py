"""The sizes that keras.applications are made for, and what is told of a picture of another one."""

from __future__ import annotations

import keras
import pytest
from keras.src.applications import imagenet_utils

from modelforge.catalog import load_catalog
from modelforge.findings import Source, Span
from modelforge.graph.shapes.applications import SIDES
from modelforge.graph.shapes.evaluate import evaluate
from modelforge.graph.shapes.known import Clash, Shape, Unknown
from modelforge.spec import Object, Value

NOWHERE = Span(Source("spec.yaml", ""), 1, 1, 1, 1)


class Told(Exception):
    """The size, instead of a model of it, which would take seconds."""


def called_on(shape: Shape, name: str, **arguments: Value) -> str:
    """The shape that comes out, or what is said instead."""
    layer = Object("application", name, arguments, NOWHERE)
    try:
        return str(evaluate(layer, {"": (shape,)}, {}).shape)
    except Unknown:
        return "unknown"
    except Clash as clash:
        return f"{clash.message}: {clash.mend}"


@pytest.mark.parametrize("name", load_catalog().words("application"))
def test_each_is_made_for_the_size_that_keras_says(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell(*arguments: object, default_size: int, **more: object) -> None:
        raise Told(default_size)

    monkeypatch.setattr(imagenet_utils, "obtain_input_shape", tell)
    try:
        made = getattr(keras.applications, name)(weights=None)
    except Told as told:
        assert SIDES[name] == told.args[0]
    else:
        assert name not in SIDES
        assert made.input_shape == (None, None, None, 3)


def test_a_picture_of_another_size_or_of_other_channels_is_refused() -> None:
    picture = (None, 32, 32, 3)
    size = "it is made for (None, 224, 224, 3): put `Resizing: {height: 224, width: 224}` before it"
    headless = "without the head (`include_top: false`) it takes any size"
    assert called_on(picture, "ResNet50") == f"{size}; {headless}"
    said = called_on(picture, "ResNet50", weights=None)
    assert said == f"{size}, or say `input_shape: [32, 32, 3]` among its arguments"
    assert called_on(picture, "ResNet50", weights=None, input_shape=(64, 64, 3)).startswith(
        "it is made for (None, 64, 64, 3): put `Resizing: {height: 64, width: 64}` before it"
    )
    grey = called_on((None, 224, 224, 1), "ResNet50")
    assert grey.endswith("`Conv2D: {filters: 3, kernel_size: 1}` before it makes its channels")
    assert called_on((None, 9, 9, 4), "VGG16", include_top=False).startswith(
        "it is made for (None, None, None, 3)"
    )


def test_what_fits_is_told_as_far_as_it_is_known() -> None:
    assert called_on((None, 224, 224, 3), "ResNet50") == "(None, 1000)"
    assert called_on((None, None, None, 3), "ResNet50", classes=7) == "(None, 7)"
    assert called_on((None, 32, 32, 3), "MobileNetV3Small", classes=7) == "(None, 7)"
    given = {"weights": None, "input_shape": (64, None, 1), "classes": 7}
    assert called_on((None, 64, 48, 1), "VGG16", **given) == "(None, 7)"
    assert called_on((None, 32, 32, 3), "ResNet50", include_top=False) == "unknown"
