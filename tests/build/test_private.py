"""What this room uses of Keras's inside, each name with what is expected of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import keras
import numpy as np

import modelforge
from modelforge.build import private

_NAMES = re.compile(
    r"_inbound_nodes|_flatten_layers|_keras_history|_keras_mask|_nodes_by_depth|"
    r"_standardize_inputs|_call_context_args|\._functional\b"
)


def model_of() -> tuple[Any, Any, Any]:
    image = keras.Input((4,), name="image")
    hidden = keras.layers.Dense(3, name="hidden")(image)
    output = keras.ops.add(keras.layers.Dropout(0.5, name="drop")(hidden), 1.0)
    return keras.Model(image, output), hidden, output


def test_the_calls_of_a_model_come_each_after_what_it_is_called_on() -> None:
    model, hidden, output = model_of()
    calls = list(private.calls_in(model))
    assert [it.operation.name for it in calls][:3] == ["image", "hidden", "drop"]
    assert [it.begins for it in calls] == [True, False, False, False]
    assert calls[1].outputs == (hidden,) and calls[-1].outputs == (output,)
    assert calls[2].inputs == (hidden,)


def test_a_call_is_made_as_in_training_or_not() -> None:
    model, hidden, _ = model_of()
    drop = list(private.calls_in(model))[2]
    ones = keras.ops.ones((2, 3))
    assert np.array_equal(drop.run({id(hidden): ones}, False)[0], np.ones((2, 3)))
    assert not np.array_equal(drop.run({id(hidden): ones}, True)[0], np.ones((2, 3)))


def test_which_arguments_a_call_was_given_by_name() -> None:
    image = keras.Input((4,))
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    plain, told = keras.Model(image, inner(image)), keras.Model(image, inner(image, training=False))
    assert "training" not in list(private.calls_in(plain))[1].options
    assert list(private.calls_in(told))[1].options == {"training"}
    assert private.functional_of(inner).inputs[0].shape == (None, 4)
    assert private.functional_of(plain) is plain
    assert private.functional_of(keras.Sequential([keras.layers.Dense(2)])) is None


def test_inputs_become_tensors_of_the_models_own_dtype() -> None:
    model, _, _ = model_of()
    (found,) = private.entered(model, np.zeros((2, 4), "float64"))
    assert found.dtype == "float32"


def test_a_symbolic_tensor_tells_of_its_mask_and_its_maker() -> None:
    numbers = keras.Input((None,), dtype="int32", name="numbers")
    embedding = keras.layers.Embedding(5, 3, mask_zero=True, name="embedding")
    words = embedding(numbers)
    assert private.masked(words) and not private.masked(numbers)
    assert private.maker(words) is embedding
    operation, number, given = private.made_from(words)
    assert (operation, number) == (embedding, 0) and given[0] is numbers


def test_every_layer_is_found_also_in_a_wrapper() -> None:
    inner = keras.layers.Dense(2)
    outer = keras.layers.TimeDistributed(inner)
    assert private.every_layer(outer) == [outer, inner]
    assert private.every_layer(keras.ops.add) == []


def test_only_one_file_of_the_room_touches_these_names() -> None:
    room = Path(modelforge.__file__).parent / "build"
    found = {it.name for it in room.glob("*.py") if _NAMES.search(it.read_text(encoding="utf-8"))}
    assert found == {"private.py"}
