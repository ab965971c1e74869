"""Where a model is divided, and that both parts together are the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from modelforge.build.frontier import Frontier, find_frontier
from modelforge.layers.settled import Settled

Make = Callable[[Any], Any]


def model_of(*made: Any, shape: tuple[int | None, ...] = (6,), train: int = 1) -> keras.Model:
    """Layers in a row, all but the last ones frozen."""
    entrance = keras.Input(shape)
    tensor = entrance
    for number, layer in enumerate(made):
        tensor = layer(tensor)
        if isinstance(layer, layers.Layer) and number < len(made) - train:
            layer.trainable = False
    return keras.Model(entrance, tensor)


def names(model: keras.Model) -> list[str]:
    return [it.name for it in find_frontier(model).features]


def check(model: keras.Model, inputs: Any) -> Frontier:
    """Both parts together are the model, outside training and in it."""
    frontier = find_frontier(model)
    features = frontier.below(inputs)
    assert [it.name for it in frontier.features] == list(features)
    for it in frontier.features:
        assert features[it.name].shape[1:] == it.shape
        assert features[it.name].dtype == it.dtype
    for training in (False, True):
        np.testing.assert_allclose(
            frontier.above(features, training=training), model(inputs, training=training), rtol=1e-6
        )
    return frontier


def dense(name: str, **arguments: Any) -> Any:
    return layers.Dense(4, name=name, **arguments)


def test_functions_and_pooling_above_frozen_layers_are_below_too() -> None:
    model = model_of(
        layers.Conv2D(3, 3, name="conv"),
        keras.ops.relu,
        layers.GlobalAveragePooling2D(name="pool"),
        dense("head"),
        shape=(8, 8, 1),
    )
    frontier = check(model, np.random.default_rng(0).normal(size=(2, 8, 8, 1)).astype("float32"))
    (feature,) = frontier.features
    assert (feature.name, feature.shape, feature.dtype, feature.numbers) == (
        *("pool", (3,), "float32", 3),
    )
    assert frontier.first == ("head", "its weights are trained")
    assert {it.path for it in frontier.held} == {"conv/kernel", "conv/bias"}


@pytest.mark.parametrize(
    ("layer", "why"),
    [
        (layers.Dropout(0.1, name="it"), "it draws random numbers in training"),
        (layers.SpatialDropout1D(0.1, name="it"), "it draws random numbers in training"),
        (layers.GaussianNoise(0.1, name="it"), "it draws random numbers in training"),
        (layers.LSTM(4, dropout=0.1, return_sequences=True, name="it"), "it draws random"),
        (layers.LSTM(4, stateful=True, return_sequences=True, name="it"), "it keeps a state"),
        (layers.MultiHeadAttention(1, 4, dropout=0.1, name="it"), "it draws random numbers"),
        (layers.ActivityRegularization(0.1, name="it"), "it adds to the loss"),
        (layers.Dense(4, activity_regularizer="l2", name="it"), "it adds to the loss"),
        (layers.Masking(name="it"), "it has to do with a mask"),
        (layers.Lambda(lambda x: x * 2, name="it"), "nothing is known of what it does"),
        (layers.SpectralNormalization(layers.Dense(4), name="it"), "nothing is known of what"),
        (layers.Bidirectional(layers.GRU(2, recurrent_dropout=0.1, return_sequences=True),
                              name="it"), "it draws random numbers"),
    ],
)  # fmt: skip
def test_what_is_another_in_each_step_stands_above(layer: Any, why: str) -> None:
    def call(tensor: Any) -> Any:
        attends = isinstance(layer, layers.MultiHeadAttention)
        return layer(tensor, tensor) if attends else layer(tensor)

    entrance = keras.Input(batch_shape=(2, 5, 4))
    low = dense("low")
    tensor = call(low(entrance))
    layer.trainable = low.trainable = False
    model = keras.Model(entrance, dense("head")(layers.Flatten()(tensor)))
    assert names(model) == ["low"]
    first, told = find_frontier(model).first
    assert first == "it" and told.startswith(why)


@pytest.mark.parametrize(
    "layer",
    [
        layers.Dropout(0.0),
        layers.BatchNormalization(),
        layers.LSTM(4, return_sequences=True),
        layers.Bidirectional(layers.GRU(2, return_sequences=True)),
        layers.TimeDistributed(layers.Dense(3)),
        layers.LayerNormalization(),
        layers.Conv1D(3, 2),
    ],
)
def test_what_is_the_same_in_each_step_stands_below(layer: Any) -> None:
    model = model_of(dense("low"), layer, layers.Flatten(name="flat"), dense("head"), shape=(5, 4))
    check(model, np.random.default_rng(0).normal(size=(2, 5, 4)).astype("float32"))
    assert names(model) == ["flat"]


def test_batch_normalization_that_learns_stands_above() -> None:
    norm = layers.BatchNormalization(name="norm")
    model = model_of(dense("low"), norm, dense("head"), train=2)
    assert names(model) == ["low"]
    norm.trainable = False
    assert names(model) == ["norm"]


def test_what_is_called_as_outside_training_is_the_same_in_each_step() -> None:
    inner = model_of(dense("low"), layers.Dropout(0.5), layers.BatchNormalization(name="norm"))
    inner.trainable = False
    entrance = keras.Input((6,))
    head = dense("head")
    settled = Settled(inner, {"training": False}, name="backbone")
    model = keras.Model(entrance, head(settled(entrance)))
    check(model, np.ones((2, 6), "float32"))
    assert names(model) == ["backbone"]
    assert names(keras.Model(entrance, head(inner(entrance)))) == [f"{inner.name}/low"]
    # A part of it is trained: the frontier lies in it, and it is called so on both sides.
    inner.get_layer("norm").trainable = True
    check(model, np.ones((2, 6), "float32"))
    assert [it.rsplit("/")[0] for it in names(model)] == ["backbone"]
    assert "dropout" in names(model)[0]


def test_the_frontier_lies_in_a_model_in_a_model() -> None:
    inner = model_of(dense("one"), dense("two"), dense("three"))
    inner.name = "inner"
    outer_in = keras.Input((6,))
    outer = keras.Model(outer_in, dense("after")(inner(outer_in)), name="outer")
    model = model_of(outer, dense("head"))
    outer.trainable = True
    for name in ("one", "two"):
        inner.get_layer(name).trainable = False
    inner.get_layer("three").trainable = True
    check(model, np.ones((3, 6), "float32"))
    assert names(model) == ["outer/inner/two"]


def test_a_sequential_is_opened_too() -> None:
    inner = keras.Sequential([keras.Input((6,)), dense("one"), dense("two")], name="inner")
    model = model_of(inner, dense("head"))
    inner.trainable = True
    inner.get_layer("one").trainable = False
    check(model, np.ones((3, 6), "float32"))
    assert names(model) == ["inner/one"]


def test_a_model_that_is_called_twice_is_opened_once() -> None:
    inner = model_of(dense("one"), dense("two"))
    left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
    both = layers.Concatenate()([inner(left), inner(right)])
    model = keras.Model([left, right], dense("head")(both))
    inner.get_layer("one").trainable = False
    check(model, [np.ones((2, 6), "float32"), np.zeros((2, 6), "float32")])
    assert set(names(model)) == {f"{inner.name}/one", "right"}


def test_nothing_frozen_is_no_frontier() -> None:
    assert names(model_of(dense("one"), dense("two"), train=2)) == []
    norm = layers.Normalization(mean=1.0, variance=4.0)  # weights that never learn
    assert names(model_of(norm, dense("head"), train=2)) == []
    shaken = model_of(layers.Dropout(0.5, name="drop"), dense("low"), dense("head"))
    assert names(shaken) == []
    assert find_frontier(shaken).first == ("drop", "it draws random numbers in training")


def test_finding_it_leaves_the_model_alone() -> None:
    model = model_of(dense("low"), dense("head"))
    before = model.to_json()
    frontier = find_frontier(model)
    frontier.above(frontier.below(np.ones((2, 6), "float32")))
    assert model.to_json() == before
    assert model.get_layer("head").output.shape == (None, 4)  # it is still called once


KINDS = ("dense", "norm", "add", "multiply", "relu", "drop", "noise")


@st.composite
def graphs(draw: st.DrawFn) -> keras.Model:
    """Small graphs of layers over 4 numbers, any of them frozen or trained, some in a model."""

    def grow(tensors: list[Any], count: int) -> Any:
        for _ in range(count):
            kind = draw(st.sampled_from(KINDS))
            one = draw(st.sampled_from(tensors))
            trainable = draw(st.booleans())
            if kind == "dense":
                tensors.append(layers.Dense(4, activation="tanh", trainable=trainable)(one))
            elif kind == "norm":
                tensors.append(layers.BatchNormalization(trainable=trainable)(one))
            elif kind == "add":
                tensors.append(layers.Add()([one, draw(st.sampled_from(tensors))]))
            elif kind == "multiply":
                tensors.append(keras.ops.multiply(one, 0.5))
            elif kind == "relu":
                tensors.append(layers.ReLU()(one))
            else:
                layer = layers.Dropout(0.5) if kind == "drop" else layers.GaussianNoise(0.1)
                tensors.append(layer(one))
        return layers.Dense(4, trainable=draw(st.booleans()))(tensors[-1])

    entrance, inside = keras.Input((4,)), keras.Input((4,))
    first = grow([entrance], draw(st.integers(0, 3)))
    inner = keras.Model(inside, grow([inside], draw(st.integers(1, 4))))
    second = inner(first)
    outputs = [grow([entrance, first, second], draw(st.integers(0, 3)))]
    if draw(st.booleans()):
        outputs.append(second)
    return keras.Model(entrance, outputs)


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_both_parts_of_any_graph_are_the_model(model: keras.Model) -> None:
    frontier = find_frontier(model)
    if not frontier.features:
        return
    inputs = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
    trained = {id(it) for it in model.trainable_variables}
    assert not trained & {id(it) for it in frontier.held}
    start = [it.numpy() for it in model.variables]

    def results(run: Callable[[], Any]) -> list[np.ndarray]:
        """What comes out in training, and what it leaves in the variables."""
        for variable, value in zip(model.variables, start, strict=True):
            variable.assign(value)
        found = [np.asarray(it) for it in keras.tree.flatten(run())]
        return found + [it.numpy() for it in model.variables]

    features = frontier.below(inputs)
    whole = results(lambda: model(inputs, training=True))
    parts = results(lambda: frontier.above(features, training=True))
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
