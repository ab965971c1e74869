"""The images that keras.applications take, and what is told of one of another size."""

from __future__ import annotations

import keras
import pytest
from keras.src.applications import imagenet_utils

from modelforge.catalog.own.backbones import BACKBONES
from modelforge.findings import Source, Span
from modelforge.graph.shapes.evaluate import evaluate
from modelforge.graph.shapes.known import Clash, Shape, Unknown
from modelforge.spec import Object, Value

NOWHERE = Span(Source("spec.yaml", ""), 1, 1, 1, 1)


class Told(Exception):
    """The sizes, instead of a model of them, which would take seconds."""


def called_on(shape: Shape, name: str, **arguments: Value) -> str:
    """The shape that comes out, or what is said instead."""
    layer = Object("application", name, arguments, NOWHERE)
    try:
        return str(evaluate(layer, {"": (shape,)}, {}).shape)
    except Unknown:
        return "unknown"
    except Clash as clash:
        return f"{clash.message}: {clash.mend}"


@pytest.mark.parametrize("name", BACKBONES)
def test_each_takes_the_sizes_that_keras_says(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(*arguments: object, default_size: int, min_size: int, **more: object) -> None:
        raise Told(default_size, min_size)

    monkeypatch.setattr(imagenet_utils, "obtain_input_shape", tell)
    backbone = BACKBONES[name]
    try:
        made = getattr(keras.applications, name)(weights=None)
    except Told as told:
        assert (backbone.size, backbone.least) == told.args
    else:
        assert backbone.size is None
        assert made.input_shape == (None, None, None, 3)
        return
    for size in backbone.sizes:
        with pytest.raises(Told) as told:
            getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3))
        assert told.value.args[0] == size


def test_a_picture_of_another_size_or_of_other_channels_is_refused() -> None:
    picture = (None, 40, 40, 3)
    assert called_on(picture, "ResNet50") == (
        "its head has weights for images of 224 pixels in width and height, and the input is "
        "40 x 40: `include_top: false` takes any size"
    )
    assert called_on(picture, "ResNet50", weights=None) == "(None, 1000)"
    said = called_on(picture, "ResNet50", weights=None, input_shape=(64, 64, 3))
    assert said.startswith("its `input_shape` is 64 x 64 x 3: leave out `input_shape`")
    assert "color_mode: rgb" in called_on((None, 224, 224, 1), "ResNet50")
    assert called_on((None, 224, 224, 1), "ResNet50", weights=None) == "(None, 1000)"
    small = called_on((None, 9, 9, 3), "VGG16", include_top=False)
    assert small.startswith("its images are at least 32 x 32, and the input is 9 x 9")


def test_what_fits_is_told_as_far_as_it_is_known() -> None:
    assert called_on((None, 224, 224, 3), "ResNet50") == "(None, 1000)"
    assert called_on((None, None, None, 3), "ResNet50", classes=7) == "(None, 7)"
    assert called_on((None, 32, 32, 3), "MobileNetV3Small", classes=7) == "(None, 7)"
    given = {"weights": None, "input_shape": (64, None, 1), "classes": 7}
    assert called_on((None, 64, 48, 1), "VGG16", **given) == "(None, 7)"
    assert called_on((None, 32, 32, 3), "ResNet50", include_top=False) == "unknown"
    pooled = called_on((None, 32, 32, 3), "ResNet50", include_top=False, pooling="avg")
    assert pooled == "(None, 2048)"
