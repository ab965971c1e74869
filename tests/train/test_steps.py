"""What a step over two replicas comes to, of models with steps of their own and of every layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from train.told import told_by

PROGRAM = Path(__file__).parent / "steps_of_replicas.py"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return told_by(PROGRAM)


@pytest.mark.parametrize("kind", ["own", "eager"])
def test_weights_are_those_of_one_process(told: dict[str, Any], kind: str) -> None:
    assert told[f"{kind} two"]["weights"] == pytest.approx(told[f"{kind} one"]["weights"], abs=1e-6)


def test_a_loss_that_is_not_the_metric_is_told_as_it_was_returned(told: dict[str, Any]) -> None:
    # Scaled by Keras, which a step of one's own can undo: the mean of the replicas' parts.
    one, two = told["own one"]["logs"]["loss"], told["own two"]["logs"]["loss"]
    assert one > 1
    assert 0.4 * one < two < 0.6 * one


def test_a_value_that_is_no_metric_is_the_mean_over_the_samples(told: dict[str, Any]) -> None:
    # 5 samples as 3 and 2: the mean of the replicas' means would be another.
    one, two = told["own one"]["logs"], told["own two"]["logs"]
    assert two["mean_of_x"] == pytest.approx(one["mean_of_x"], rel=1e-6)


def test_an_eager_step_tells_the_loss_of_one_process(told: dict[str, Any]) -> None:
    assert told["eager two"]["logs"] == pytest.approx(told["eager one"]["logs"], rel=1e-6)


def test_moving_averages_are_the_same_on_all_replicas(told: dict[str, Any]) -> None:
    first, second = told["means"]
    assert first == second
    assert all(it > 0 for it in first)


def test_each_replica_drops_others(told: dict[str, Any]) -> None:
    first, second = told["dropped"]
    assert first != second
    assert set(first[0]) == set(second[0]) == {0.0, 2.0}


def test_a_single_worker_agrees_with_itself(told: dict[str, Any]) -> None:
    assert told["agree"] == 7
