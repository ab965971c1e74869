"""Every word of the catalog builds, survives its configuration, and runs forward if it can."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from modelforge.build.objects import make
from modelforge.catalog import Word, load_catalog
from modelforge.findings import Refused
from tests.conformance import inputs
from tests.conformance.examples import as_object, minimal

KERAS_WORDS = [
    word
    for word in load_catalog()
    if word.module.startswith("keras") and (word.kind != "operation" or word.refused)
]
USABLE = [word for word in KERAS_WORDS if not word.refused]
REFUSED = [word for word in KERAS_WORDS if word.refused]
OPTIONAL_PACKAGES = ("orbax",)
# Keras 3.15.1 returns its input tensor from the symbolic call; `data.augment` can use it.
ONLY_EAGER = ("Equalization",)
QUICK_APPLICATIONS = ("MobileNet", "MobileNetV2", "VGG16", "ResNet50")


def _cases(words: list[Word]) -> list[Any]:
    return [
        pytest.param(
            word,
            id=f"{word.kind}-{word.name}",
            marks=[pytest.mark.slow]
            if word.kind == "application" and word.name not in QUICK_APPLICATIONS
            else [],
        )
        for word in words
    ]


def build(word: Word) -> Any:
    """The word's minimal example, built; skipped only where an optional package is missing."""
    keras.backend.clear_session()
    try:
        return make(as_object(minimal(word), word.kind))
    except Refused as refused:
        note = " ".join(refused.findings[0].notes)
        if any(package in note for package in OPTIONAL_PACKAGES):
            pytest.skip(note)
        raise


@pytest.mark.parametrize("word", _cases(USABLE))
def test_builds_and_survives_its_configuration(word: Word) -> None:
    made = build(word)
    if word.kind == "activation":
        again = keras.activations.get(keras.activations.serialize(made))
        assert again is made or again.get_config() == made.get_config()
    elif word.module == "keras.Model.compile":
        assert made == word.name
    elif word.kind != "callback":  # callbacks have no configuration
        again = type(made).from_config(made.get_config())
        assert again.get_config() == made.get_config()


@pytest.mark.parametrize("word", _cases([word for word in USABLE if word.kind == "layer"]))
def test_layers_run_forward(word: Word) -> None:
    layer = build(word)
    if "states" in word.calls:  # a cell stands in a model inside an RNN
        layer, shapes = keras.layers.RNN(layer), ((6, 4), "float32")
    else:
        shapes = inputs.shapes_of(word)
    first = inputs.symbolic(shapes)
    outputs = layer(first, first) if "value" in word.calls else layer(first)
    if word.name in ONLY_EAGER:
        with pytest.raises(ValueError, match="part of a cycle"):
            keras.Model(first, outputs)
        found = layer(inputs.values(shapes))
    else:
        found = keras.Model(first, outputs).predict_on_batch(inputs.values(shapes))
    for array, tensor in zip(keras.tree.flatten(found), keras.tree.flatten(outputs), strict=True):
        assert len(array.shape) == len(tensor.shape)
        sizes = zip(array.shape[1:], tensor.shape[1:], strict=True)
        assert all(size == expected for size, expected in sizes if expected is not None)


@pytest.mark.parametrize("word", _cases(REFUSED))
def test_refused_words_say_why(word: Word) -> None:
    with pytest.raises(Refused, match=f"a spec cannot use `{word.name}`: .{{15}}"):
        make(as_object(word.name, word.kind))
