"""Weights by class, and one target for several outputs."""

from __future__ import annotations

import numpy as np
import pytest

from train.conftest import IRIS, Prepare, Train

AUXILIARY = """\
modelforge: 1
name: auxiliary
data:
  train: Iris
  validation: 0.2
model:
  layers:
    - Dense: {units: 8, activation: relu}
      name: hidden
    - Dense: {units: 3, activation: softmax}
      name: side
    - Dense: {units: 3, activation: softmax}
      name: main
      from: hidden
  outputs: [main, side]
train:
  loss: {main: SparseCategoricalCrossentropy, side: SparseCategoricalCrossentropy}
  loss_weights: {side: 0.3}
  metrics: {main: [accuracy]}
  epochs: 2
"""


def _batch(prepared: object) -> tuple[np.ndarray, ...]:
    execution = prepared.execution  # type: ignore[attr-defined]
    dataset = execution.training(execution.bundle.train.batches())
    return tuple(part.numpy() for part in next(iter(dataset)))


def test_classes_are_weighted_by_name_and_number(prepare: Prepare) -> None:
    _, labels, weights = _batch(prepare(IRIS + "  class_weight: {setosa: 2, '2': 0.5}\n"))
    expected = np.array([2, 1, 0.5])[labels]
    assert weights == pytest.approx(expected)


def test_balanced_classes_weigh_the_same_in_sum(prepare: Prepare) -> None:
    prepared = prepare(IRIS + "  class_weight: balanced\n")
    _, labels, weights = _batch(prepared)
    counts = np.zeros(3)
    for _, batch in prepared.bundle.train.batches():
        counts += np.bincount(batch.numpy(), minlength=3)
    assert weights == pytest.approx((counts.sum() / (3 * counts))[labels])


def test_every_output_with_a_loss_learns_the_target(trained: Train) -> None:
    state = trained(AUXILIARY, "data.batch_size=40").state
    assert {"main_loss", "side_loss", "main_accuracy", "val_side_loss"} <= set(state.final)
    assert state.final["loss"] == pytest.approx(
        state.final["main_loss"] + 0.3 * state.final["side_loss"], rel=1e-4
    )


def test_the_only_output_may_have_a_loss_weight(trained: Train) -> None:
    weighted = IRIS.replace("metrics: [accuracy]", "loss_weights: {dense_1: 0.5}")
    weighted = weighted.replace("    - Dropout: 0.2\n", "")
    plain = weighted.replace("  loss_weights: {dense_1: 0.5}\n", "")
    first = trained(weighted, "train.epochs=1", "train.optimizer={SGD: 0}").state.final["loss"]
    second = trained(plain, "train.epochs=1", "train.optimizer={SGD: 0}").state.final["loss"]
    assert first == pytest.approx(second / 2, rel=1e-5)
