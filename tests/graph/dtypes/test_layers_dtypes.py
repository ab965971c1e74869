"""Every rule of layers against Keras itself: what it says of a tensor, and what a model gives."""

from __future__ import annotations

import keras
import pytest

from modelforge.graph.dtypes.call import UNKNOWN
from modelforge.graph.dtypes.layers import RULES
from modelforge.graph.shapes.table import AUGMENTATIONS
from modelforge.graph.shapes.table import RULES as SHAPES
from tests.graph.dtypes.against_keras import Typed, disagreement, ours
from tests.graph.dtypes.cases import by_word, typed

WORDS = sorted(by_word())
# Whole models of augmentations in one: they are traced for seconds, all alike.
LIGHT = ("float32", "uint8", "string")
LONG = {
    "AugMix",
    "RandomElasticTransform",
    "RandAugment",
    "RandomColorJitter",
    "ContrastLimitedAdaptiveHistogramEqualization",
}
TEXTS = {"HashedCrossing", "StringLookup", "TextVectorization"}
CELLS = {"GRUCell", "LSTMCell", "SimpleRNNCell"}


@pytest.mark.parametrize("word", WORDS)
def test_what_keras_says(word: str) -> None:
    case = by_word()[word][0]
    for policy, dtype in (("mixed_bfloat16", "float32"), ("float32", "int32"), ("float32", "bool")):
        assert not disagreement(Typed(case, (dtype,) * len(case.shapes), policy), traced=False)


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("word", WORDS)
def test_what_a_model_gives(word: str) -> None:
    cases = list(typed(word))
    if word in LONG:
        cases = [it for it in cases if it.policy == "float32" and it.dtypes[0] in LIGHT]
    found = [text for it in cases if (text := disagreement(it))]
    keras.backend.clear_session(free_memory=False)
    assert not found, f"{len(found)} of {len(cases)}:\n" + "\n".join(found[:5])


@pytest.mark.parametrize("word", WORDS)
def test_floats_and_texts_are_known(word: str) -> None:
    case = by_word()[word][0]
    dtype = "string" if word in TEXTS else "float32"
    told = ours(Typed(case, (dtype,) * len(case.shapes)))
    assert told not in UNKNOWN, told


def test_every_layer_with_shapes_has_dtypes() -> None:
    assert SHAPES.keys() - RULES.keys() == CELLS
    assert not RULES.keys() - SHAPES.keys()
    assert set(AUGMENTATIONS) <= RULES.keys()
    assert RULES.keys() - by_word().keys() == set()
