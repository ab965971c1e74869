"""Heads: a loss that is not that of the targets, and weights by class of each output."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from modelforge.findings import Refused
from train.conftest import Prepare

TWO = """\
modelforge: 1
data:
  train: {NPZ: {path: two.npz, target: {kind: kind, yes: yes}}}
  batch_size: 16
model:
  layers:
    - {Dense: 8, name: trunk}
    - {Dense: {units: 3, activation: softmax}, name: kind}
    - {Dense: {units: 1, activation: sigmoid}, name: yes, from: trunk}
  outputs: [kind, yes]
train:
  loss: {kind: SparseCategoricalCrossentropy, yes: BinaryCrossentropy}
  class_weight: balanced
"""

ONE_HOT = """\
modelforge: 1
data: {train: {NPZ: columns.npz}}
model: {layers: [{Dense: {units: 3, activation: softmax}}]}
train: {loss: SparseCategoricalCrossentropy}
"""


@pytest.fixture(autouse=True)
def data(tmp_path: Path) -> None:
    draw = np.random.default_rng(5)
    kind = np.repeat([0, 1, 2], [30, 12, 6])
    np.savez(
        tmp_path / "two.npz", x=draw.normal(size=(48, 4)), kind=kind, yes=np.arange(48) % 4 == 0
    )
    np.savez(tmp_path / "columns.npz", x=draw.normal(size=(48, 4)), y=np.eye(3)[kind])


@pytest.mark.parametrize(
    ("asked", "weighed"),
    [
        ("balanced", {"kind", "yes"}),
        ("{kind: balanced}", {"kind"}),
        ("{kind: balanced, yes: balanced}", {"kind", "yes"}),
    ],
)
def test_each_output_is_balanced_by_its_own_classes(
    prepare: Prepare, asked: str, weighed: set[str]
) -> None:
    execution = prepare(TWO.replace("balanced", asked)).execution
    expected = {"kind": 48 / (3 * np.array([30, 12, 6])), "yes": 48 / (2 * np.array([36, 12]))}
    sums = {"kind": np.zeros(3), "yes": np.zeros(2)}
    for _, learned, weights in execution.training(execution.bundle.train.batches()):
        for name, classes, given in zip(("kind", "yes"), learned, weights, strict=True):
            numbers = classes.numpy().astype(int).ravel()
            table = expected[name] if name in weighed else np.ones(len(sums[name]))
            np.testing.assert_allclose(given.numpy().ravel(), table[numbers], rtol=1e-6)
            np.add.at(sums[name], numbers, given.numpy().ravel())
    for name in weighed:  # all classes weigh the same in sum
        np.testing.assert_allclose(sums[name], 48 / len(sums[name]), rtol=1e-6)


def test_columns_by_class_are_not_class_numbers(prepare: Prepare) -> None:
    with pytest.raises(Refused) as refused:
        prepare(ONE_HOT)
    (finding,) = refused.value.findings
    assert finding.rule == "loss-mismatch"
    assert finding.message == (
        "the loss `SparseCategoricalCrossentropy` needs class numbers, but `dense` learns an array "
        "of the output's shape, [3]"
    )
    assert finding.hint == "use `CategoricalCrossentropy` if it has a column for each class"
    assert prepare(ONE_HOT.replace("Sparse", "")).names == ("loss",)


def test_numbers_that_are_classes(prepare: Prepare, tmp_path: Path) -> None:
    np.savez(tmp_path / "columns.npz", x=np.ones((48, 4)), y=np.arange(48.0) % 3)
    with pytest.raises(Refused) as refused:
        prepare(ONE_HOT)
    (finding,) = refused.value.findings
    assert "`target_kind: classes` (`CSV`), or as integers (`NPZ`)" in finding.notes[-1]
    np.savez(tmp_path / "columns.npz", x=np.ones((48, 4)), y=np.arange(48) % 3)
    assert prepare(ONE_HOT).names == ("loss",)
