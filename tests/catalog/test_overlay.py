"""Every line of the overlay against Keras itself."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from modelforge.build.objects import make
from modelforge.catalog import Argument, Word, load_catalog
from modelforge.catalog.overlay import ALSO, MERGES, REFUSALS
from modelforge.catalog.ranges import RANGES, Range
from tests.conformance import inputs
from tests.conformance.examples import as_object, minimal_arguments

SAMPLES: dict[str, Any] = {"array": [2], "integer": 1}


def use(word: Word, argument: str, value: Any) -> None:
    """Builds the word with the value and, if it is a layer, calls it."""
    keras.backend.clear_session()
    made = make(as_object({word.name: {**minimal_arguments(word), argument: value}}, word.kind))
    if word.kind == "layer" and "states" not in word.calls:
        tensor = inputs.symbolic(inputs.shapes_of(word))
        made(tensor, tensor) if "value" in word.calls else made(tensor)


def cases(facts: Any) -> list[Any]:
    return [
        pytest.param(fact, name, id=f"{name}.{fact.argument}")
        for fact in facts
        for name in fact.words
    ]


def the_word(kind: Any, name: str, argument: str) -> tuple[Word, Argument]:
    word = load_catalog().find(name, kind)
    assert word is not None
    found = word.argument(argument)
    assert found is not None
    return word, found


@pytest.mark.parametrize(("bounds", "name"), cases(RANGES))
def test_keras_enforces_the_range(bounds: Range, name: str) -> None:
    word, argument = the_word(bounds.kind, name, bounds.argument)
    assert (argument.minimum, argument.maximum, argument.above) == (
        bounds.minimum,
        bounds.maximum,
        bounds.above,
    )
    step = 1 if "integer" in argument.types else 0.5
    if bounds.minimum is not None:
        use(word, argument.name, bounds.minimum)
        with pytest.raises(Exception, match=r"\w"):
            use(word, argument.name, bounds.minimum - step)
    if bounds.maximum is not None:
        use(word, argument.name, bounds.maximum)
        with pytest.raises(Exception, match=r"\w"):
            use(word, argument.name, bounds.maximum + step)
    if bounds.above is not None:
        use(word, argument.name, bounds.above + step)
        with pytest.raises(Exception, match=r"\w"):
            use(word, argument.name, bounds.above)


@pytest.mark.parametrize(("also", "name"), cases(ALSO))
def test_keras_takes_the_undocumented_type(also: Any, name: str) -> None:
    word, argument = the_word(also.kind, name, also.argument)
    for type_ in also.types:
        assert type_ in argument.types
        sample = also.sample if also.sample is not None else SAMPLES[type_]
        use(word, also.argument, sample)


@pytest.mark.parametrize("name", MERGES)
def test_the_layer_takes_a_list_and_nothing_else(name: str) -> None:
    word = load_catalog().find(name, "layer")
    assert word is not None
    assert word.merges
    layer = make(as_object({name: minimal_arguments(word)}, "layer"))
    tensor = inputs.symbolic(inputs.shapes_of(word))
    layer(tensor)
    with pytest.raises(Exception, match="list"):
        layer(tensor[0])


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.word)
def test_refused_words_exist_in_keras(refusal: Any) -> None:
    word = load_catalog().find(refusal.word, refusal.kind)
    assert word is not None
    assert word.refused == refusal.reason


@pytest.mark.parametrize(
    ("labels", "units", "accuracy", "crossentropy"),
    [
        ((2, 1), 1, "BinaryAccuracy", "binary_crossentropy"),
        ((2, 1), 3, "SparseCategoricalAccuracy", "sparse_categorical_crossentropy"),
        ((2, 3), 3, "CategoricalAccuracy", "categorical_crossentropy"),
    ],
)
def test_compile_chooses_accuracy_and_crossentropy_by_shape(
    labels: tuple[int, int], units: int, accuracy: str, crossentropy: str
) -> None:
    model = keras.Sequential([keras.layers.Dense(units, activation="sigmoid")])
    model.compile(loss="crossentropy", metrics=["acc"])
    model.train_on_batch(keras.ops.ones((2, 1)), keras.ops.ones(labels))
    assert type(model.metrics[1].metrics[0]).__name__ == accuracy
    targets, outputs = keras.ops.ones(labels), keras.random.uniform((2, units))
    expected = keras.ops.mean(getattr(keras.losses, crossentropy)(targets, outputs))
    assert float(model.compute_loss(None, targets, outputs)) == pytest.approx(float(expected))
