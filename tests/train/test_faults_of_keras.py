"""The faults of Keras that ModelForge mends are still there; a test that fails here tells of one
that upstream has mended: then what mends it in `train/private/` can go.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from train.told import told_by

PROGRAM = Path(__file__).parent / "faults_of_keras.py"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return told_by(PROGRAM)


def test_even_shares_are_right(told: dict[str, Any]) -> None:
    assert told["even"] < 1e-6  # else the other tests show nothing


def test_each_replica_counts_the_same_however_few_samples_it_has(told: dict[str, Any]) -> None:
    assert told["uneven"] > 1e-2


def test_a_first_batch_that_is_uneven_fails(told: dict[str, Any]) -> None:
    assert "must have the same size and shape" in told["uneven first"]  # keras#19246


def test_each_replica_counts_the_same_however_few_elements_are_unmasked(
    told: dict[str, Any],
) -> None:
    assert told["masked"] > 1e-3


def test_gradients_are_clipped_before_they_are_summed(told: dict[str, Any]) -> None:
    assert told["clipped"] > 1e-3


@pytest.mark.parametrize("decision", ["accumulated", "overwritten"])
def test_no_decision_can_be_made_inside_a_step(told: dict[str, Any], decision: str) -> None:
    assert "`merge_call` called while defining a new graph" in told[decision]  # keras#20582


def test_moving_averages_drift_apart(told: dict[str, Any]) -> None:
    assert told["statistics"] > 0.1


def test_only_the_first_replica_looks_for_an_overflow(told: dict[str, Any]) -> None:
    assert told["overflow"] in (float("-inf"), float("inf")) or told["overflow"] != told["overflow"]


def test_a_learning_rate_over_replicas_is_no_number(told: dict[str, Any]) -> None:
    assert "MirroredVariable" in told["rate"]


def test_every_save_makes_an_optimizer_that_stays(told: dict[str, Any]) -> None:
    assert told["remembered"] is False
