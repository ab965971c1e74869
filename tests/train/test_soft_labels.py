"""Numbers between 0 and 1 are probabilities that a binary loss can learn; any others are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from modelforge.findings import Findings, Refused
from modelforge.train import Prepared
from modelforge.train.prepare import prepare_model

SPEC = """\
modelforge: 1
data: {train: {NPZ: {path: data.npz}}, validation: 0.2}
model: {layers: [{Dense: {units: 1, activation: sigmoid}}]}
train: {loss: %s}
"""


def prepared(folder: Path, target: np.ndarray, loss: str = "BinaryCrossentropy") -> Prepared:
    np.savez(folder / "data.npz", x=np.random.default_rng(0).normal(size=(40, 3)), y=target)
    (folder / "spec.yaml").write_text(SPEC % loss, encoding="utf-8")
    return prepare_model(str(folder / "spec.yaml"), (), Findings())


@pytest.mark.parametrize("loss", ["BinaryCrossentropy", "BinaryFocalCrossentropy"])
def test_fractions(loss: str, tmp_path: Path) -> None:
    assert prepared(tmp_path, np.linspace(0, 1, 40), loss).names[0] == "loss"


@pytest.mark.parametrize("most", [3.0, -2.0, 1000.0])
def test_other_numbers(most: float, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        prepared(tmp_path, np.linspace(0, most, 40))
    (finding,) = refused.value.findings
    assert finding.rule == "loss-mismatch"
    assert finding.hint == "use `MeanSquaredError`, `MeanAbsoluteError` or `Huber`"


def test_a_loss_of_classes_still_takes_no_fractions(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="SparseCategoricalCrossentropy"):
        prepared(tmp_path, np.linspace(0, 1, 40), "SparseCategoricalCrossentropy")
