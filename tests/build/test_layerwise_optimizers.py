"""Optimizers with rates by layer do what each optimizer does at that rate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from modelforge.catalog import load_catalog
from modelforge.layers.layerwise import layerwise

RATE, SLOW = 0.0625, 0.25  # powers of two: products of them are exact
STEPS = 4
NAMES = sorted(name for name, word in load_catalog().words("optimizer").items() if not word.refused)
SINGLE = [name for name in NAMES if name != "LossScaleOptimizer"]


def weights() -> list[keras.Variable]:
    draw = np.random.default_rng(1)
    return [
        keras.Variable(draw.normal(size=shape), dtype="float32", name=name)
        for name, shape in (("slow", (3, 4)), ("slow_bias", (4,)), ("fast", (4, 2)))
    ]


def steps(optimizer: Any, number: int = STEPS) -> list[np.ndarray]:
    """The weights after some steps with the same gradients each time."""
    variables = weights()
    optimizer.build(variables)
    draw = np.random.default_rng(2)
    for _ in range(number):
        gradients = [keras.ops.array(draw.normal(size=it.shape), "float32") for it in variables]
        optimizer.apply(gradients, variables)
    optimizer.finalize_variable_values(variables)
    return [keras.ops.convert_to_numpy(it) for it in variables]


def make(kind: str, rate: Any = RATE, **arguments: Any) -> Any:
    return getattr(keras.optimizers, kind)(learning_rate=rate, **arguments)


def slowed(optimizer: Any) -> Any:
    return layerwise(optimizer, [("slow", SLOW), ("slow_bias", SLOW), ("fast", 1)])


def expect(
    found: Sequence[np.ndarray], slow: Sequence[np.ndarray], fast: Sequence[np.ndarray]
) -> None:
    for one, other in zip(found, [*slow[:2], fast[2]], strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(found[0], fast[0])


def test_there_are_those_of_keras() -> None:
    assert len(SINGLE) == 14 and {"SGD", "Adam", "Muon", "ScheduleFreeAdamW"} <= set(SINGLE)


@pytest.mark.parametrize("name", SINGLE)
def test_each_variable_is_updated_as_at_its_own_rate(name: str) -> None:
    expect(steps(slowed(make(name))), steps(make(name, RATE * SLOW)), steps(make(name)))


@pytest.mark.parametrize("name", SINGLE)
def test_decoupled_weight_decay_has_the_same_rate(name: str) -> None:
    def made(rate: float) -> Any:
        return make(name, rate, weight_decay=0.5)

    found = steps(slowed(made(RATE)))
    expect(found, steps(made(RATE * SLOW)), steps(made(RATE)))
    assert not np.array_equal(found[0], steps(slowed(make(name, weight_decay=0.0)))[0])


@pytest.mark.parametrize(
    "arguments",
    [
        {"clipnorm": 0.5},
        {"clipvalue": 0.25},
        {"global_clipnorm": 0.5},
        {"use_ema": True, "ema_momentum": 0.5},
        {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2},
        {"gradient_accumulation_steps": 2},
        {"weight_decay": 0.5, "gradient_accumulation_steps": 2},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["SGD", "AdamW"])
def test_all_else_is_as_before(name: str, arguments: dict[str, Any]) -> None:
    def made(rate: float) -> Any:
        return make(name, rate, **arguments)

    expect(steps(slowed(made(RATE))), steps(made(RATE * SLOW)), steps(made(RATE)))


def test_a_schedule_is_followed() -> None:
    def made(rate: float) -> Any:
        halved = keras.optimizers.schedules.PiecewiseConstantDecay([1, 2], [rate, rate / 2, rate])
        return make("Adam", halved)

    expect(steps(slowed(made(RATE))), steps(made(RATE * SLOW)), steps(made(RATE)))


def test_the_rate_is_read_and_set_as_ever() -> None:
    optimizer = slowed(make("AdamW", 1.0))
    optimizer.learning_rate = RATE
    assert float(optimizer.learning_rate) == RATE
    expect(steps(optimizer), steps(make("AdamW", RATE * SLOW)), steps(make("AdamW", RATE)))
    assert float(optimizer.learning_rate) == RATE


def test_scaled_losses() -> None:
    def made(rate: float) -> Any:
        return keras.optimizers.LossScaleOptimizer(make("Adam", rate), initial_scale=4.0)

    found = slowed(made(RATE))
    assert found.initial_scale == 4.0
    expect(steps(found), steps(made(RATE * SLOW)), steps(made(RATE)))


def test_its_variables_have_the_names_that_they_had() -> None:
    plain = make("Adam", name="adam")
    plain.build(weights())
    optimizer = slowed(make("Adam", name="adam"))
    optimizer.build(weights())
    assert [it.path for it in optimizer.variables] == [it.path for it in plain.variables]


@pytest.mark.parametrize(
    ("trained", "expected"),
    [
        ("aab", [SLOW, 0.5, 1]),
        ("xyz", [SLOW, 0.5, 1]),
        ("ba", [1, SLOW]),
        ("aabc", [SLOW, 0.5, 1, 1]),
    ],
)
def test_variables_are_known_by_their_order_or_else_by_their_paths(
    trained: str, expected: list[float]
) -> None:
    variables = [keras.Variable([1.0], name=name) for name in trained]
    optimizer = layerwise(make("SGD"), [("a", SLOW), ("a", 0.5), ("b", 1)])
    optimizer.build(variables)
    optimizer.apply([keras.ops.array([1.0])] * len(variables), variables)
    assert [float(it[0]) for it in variables] == [1 - RATE * number for number in expected]


def test_nothing_to_multiply_is_the_optimizer_itself() -> None:
    optimizer = make("Adam")
    assert layerwise(optimizer, [("slow", 1), ("fast", 1.0)]) is optimizer


@pytest.mark.parametrize("precision", ["float32", "mixed_float16"])
def test_a_saved_model_goes_on_with_its_rates(precision: str, tmp_path: Path) -> None:
    def model() -> keras.Model:
        keras.utils.set_random_seed(3)
        dense = keras.layers.Dense(1, name="slow", dtype=precision)
        found = keras.Sequential([keras.Input((2,)), dense, keras.layers.Dense(1, name="fast")])
        rates = [(it.path, SLOW if it is dense.kernel else 1) for it in found.trainable_variables]
        found.compile(layerwise(make("Adam"), rates), "mse")
        return found

    x, y = np.ones((4, 2), "float32"), np.ones((4, 1), "float32")
    first = model()
    first.train_on_batch(x, y)
    first.save(tmp_path / "m.keras")
    second = keras.models.load_model(tmp_path / "m.keras")
    for each in (first, second):
        each.train_on_batch(x, y)
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    inner = getattr(second.optimizer, "inner_optimizer", second.optimizer)
    assert [number for _, number in inner.get_config()["multipliers"]] == [SLOW, 1, 1, 1]
