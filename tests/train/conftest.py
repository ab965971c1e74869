"""Specs that train in a moment, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from modelforge.findings import Findings
from modelforge.runs import RunFolder
from modelforge.train import Outcome, Prepared, Reporter, train
from modelforge.train.prepare import prepare_model

IRIS = """\
modelforge: 1
name: iris
data:
  train: Iris
  validation: 0.2
  batch_size: 16
model:
  layers:
    - Dense: {units: 16, activation: relu}
    - Dropout: 0.2
    - Dense: {units: "${data.classes}", activation: softmax}
train:
  loss: SparseCategoricalCrossentropy
  optimizer: {Adam: 0.01}
  metrics: [accuracy]
  epochs: 3
  deterministic: false
"""

DIABETES = """\
modelforge: 1
name: diabetes
data:
  train: Diabetes
  validation: 0.2
  batch_size: 64
model:
  layers:
    - Dense: {units: 8, activation: relu}
    - Dense: 1
train:
  loss: MeanSquaredError
  optimizer: {SGD: 0.001}
  epochs: 2
"""

Prepare = Callable[..., Prepared]
Train = Callable[..., Outcome]


@pytest.fixture
def prepare(tmp_path: Path) -> Prepare:
    """Prepares a spec's text, with overrides."""

    def run(text: str = IRIS, *overrides: str) -> Prepared:
        path = tmp_path / "spec.yaml"
        path.write_text(text, encoding="utf-8")
        return prepare_model(str(path), overrides, Findings())

    return run


@pytest.fixture
def trained(prepare: Prepare, tmp_path: Path) -> Train:
    """Trains a spec's text into a new run folder, or goes on in one."""

    def run(
        text: str = IRIS,
        *overrides: str,
        resume: RunFolder | None = None,
        reporter: Reporter | None = None,
        allow: Sequence[str] = (),
    ) -> Outcome:
        prepared = prepare(text, *overrides)
        folder = resume or RunFolder.create(tmp_path / "runs", prepared.spec.name)
        return train(prepared, folder, reporter, resume=resume is not None, allow=allow)

    return run
