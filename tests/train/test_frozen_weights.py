"""Frozen layers over replicas and over a stop: the same to the last bit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from modelforge.runs import RunFolder
from modelforge.train.position import Position
from modelforge.train.replica_values import averaged_variables
from train.conftest import Train
from train.test_resume import Crash, Interrupting

BACKBONE = """\
modelforge: 1
name: frozen
data: {train: Iris, validation: 0.2, batch_size: 17}
model:
  layers:
    - model:
        layers:
          - Dense: {units: 6, activation: tanh}
          - BatchNormalization: {momentum: 0.5}
          - Dense: {units: 4}
            name: last
      name: backbone
    - Dense: {units: 3, activation: softmax}
      name: head
train:
  loss: SparseCategoricalCrossentropy
  optimizer: {AdamW: {learning_rate: 0.02, weight_decay: 0.1}}
  epochs: 3
  deterministic: true
  batch_norm: inference
  freeze: {layers: backbone, except: [BatchNormalization, last]}
"""


def weights(folder: RunFolder, name: str) -> dict[str, np.ndarray]:
    model: Any = keras.models.load_model(folder.path / f"{name}.keras")
    return {it.path: it.numpy() for it in model.weights}


def test_a_run_that_was_killed_goes_on_with_the_same_layers_frozen(
    trained: Train, tmp_path: Path
) -> None:
    with pytest.raises(Crash):
        trained(BACKBONE, reporter=Interrupting(Position(1)))
    (state,) = tmp_path.glob("runs/*/*/state.json")
    folder = RunFolder(state.parent)
    trained(BACKBONE, resume=folder)
    gone_on, whole = weights(folder, "final"), weights(trained(BACKBONE).folder, "final")
    assert gone_on.keys() == whole.keys()
    for path, value in whole.items():
        np.testing.assert_array_equal(value, gone_on[path], path)
    assert (whole["batch_normalization/moving_mean"] == 0).all()
    assert (whole["batch_normalization/gamma"] != 1).all()


def test_what_is_saved_says_what_was_trained(
    trained: Train, recwarn: pytest.WarningsRecorder
) -> None:
    folder = trained(BACKBONE, "train.epochs=1").folder
    model: Any = keras.models.load_model(folder.best)
    assert [it.path for it in model.trainable_variables] == [
        *("batch_normalization/gamma", "batch_normalization/beta"),
        *("last/kernel", "last/bias", "head/kernel", "head/bias"),
    ]
    assert len(model.optimizer.variables) == 2 + 2 * 6  # two for the step and the rate
    assert not [it for it in recwarn if "Skipping variable loading" in str(it.message)]


def test_statistics_that_nobody_learns_are_not_sent_around() -> None:
    norm = keras.layers.BatchNormalization()
    model = keras.Sequential(
        [
            keras.Input((3, 4)),
            keras.layers.TimeDistributed(norm),
            keras.layers.BatchNormalization(name="own"),
        ]
    )
    assert len(averaged_variables(model)) == 4
    norm.trainable = False  # in a wrapper that is trained
    own = model.get_layer("own")
    assert averaged_variables(model) == [own.moving_mean, own.moving_variance]


REPLICAS = """
import sys
from pathlib import Path
from modelforge.findings import Findings
from modelforge.runs import RunFolder
from modelforge.train import train
from modelforge.train.prepare import prepare_model

folder = Path(sys.argv[1])
devices = "train.distribute={MirroredStrategy: {devices: [CPU:0, CPU:1]}}"
prepared = prepare_model(str(folder / "spec.yaml"), [devices], Findings())
assert prepared.placement.replicas == 2
# Numbers that a mean over replicas of unlike size would not give back to the last bit.
for number, weight in enumerate(prepared.model.weights):
    weight.assign(weight * 0.7 + 0.1 + number / 7)
before = {it.path: it.numpy().tobytes() for it in prepared.model.weights}
train(prepared, RunFolder.create_at(folder / "run"))
for it in prepared.model.weights:
    print("changed" if it.numpy().tobytes() != before[it.path] else "kept", it.path)
"""


@pytest.mark.slow
def test_over_two_replicas(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(BACKBONE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", REPLICAS, str(tmp_path)], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr[-3000:]
    kept = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("kept")}
    assert kept == {
        "dense/kernel",
        "dense/bias",
        "batch_normalization/moving_mean",
        "batch_normalization/moving_variance",
    }
    assert done.stdout.count("changed ") == 2 + 2 + 2
