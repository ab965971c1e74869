"""Features that are computed once: the run is that without them, and nobody else notices."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from modelforge.build.plugins import run_plugins
from modelforge.findings import Findings, Refused
from modelforge.graph.plugins import TRUSTED
from modelforge.runs import RunFolder, read_history
from modelforge.train import Outcome
from modelforge.train.features import room
from modelforge.train.prepare import prepare_model
from train.conftest import Prepare, Train

SPEC = """\
modelforge: 1
name: features
data: {train: Digits, validation: 0.2, batch_size: 64}
model:
  inputs: {scan: {shape: [8, 8, 1]}}
  layers:
    - model:
        inputs: {image: {shape: [8, 8, 1]}}
        layers:
          - Rescaling: {scale: "${1 / 16}"}
          - Conv2D: {filters: 6, kernel_size: 3, activation: relu}
            name: low
          - BatchNormalization:
            name: norm
          - Conv2D: {filters: 8, kernel_size: 3, activation: relu}
            name: high
      name: backbone
    - GlobalAveragePooling2D
    - Dropout: 0.2
    - Dense: {units: 10, activation: softmax}
      name: digit
train:
  loss: SparseCategoricalCrossentropy
  optimizer: {Adam: 0.01}
  metrics: [accuracy]
  epochs: 2
  deterministic: true
  freeze: backbone
"""
HIGH = "train.freeze={layers: backbone, except: high}"
OFF = "train.frozen_features=none"


def said(outcome: Outcome | RunFolder) -> list[str]:
    """What the run told of features."""
    folder = outcome.folder if isinstance(outcome, Outcome) else outcome
    lines = folder.log.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("features: ")]


def same(one: Outcome, other: Outcome, rel: float = 1e-5) -> None:
    """Losses, metrics and weights are the same within float error."""
    rows, others = read_history(one.folder.path), read_history(other.folder.path)
    assert len(rows) == len(others) > 0
    for row, it in zip(rows, others, strict=True):
        assert row.keys() == it.keys()
        numbers = {name for name in row if name not in ("seconds", "phase")}
        assert {k: row[k] for k in numbers} == pytest.approx({k: it[k] for k in numbers}, rel=rel)
    for weight, it in zip(one.model.weights, other.model.weights, strict=True):
        np.testing.assert_allclose(weight.numpy(), it.numpy(), rtol=10 * rel, atol=rel)


@pytest.mark.parametrize(
    ("change", "of"),
    [
        ((), "`global_average_pooling2d`, 8 numbers"),
        ((HIGH,), "`backbone/norm`, 216 numbers"),
        # Batch normalization that learns stands above.
        (("train.freeze=backbone/low",), "`backbone/low`, 216 numbers"),
        (("train.class_weight=balanced",), "`global_average_pooling2d`"),
        (("train.optimizer={AdamW: {learning_rate: 0.01, use_ema: true}}",), "`global_average"),
        (("train.optimizer.Adam={gradient_accumulation_steps: 3}",), "`global_average_pool"),
        ((HIGH, "train.learning_rate_multipliers={digit: 3}"), "`backbone/norm`"),
        ((HIGH, "train.jit_compile=true"), "`backbone/norm`"),
        (("data.shuffle=false", "data.batch_size=100"), "`global_average_pooling2d`"),
        (("train.frozen_features=disk",), "(56.2 KiB on disk)"),
        (("train.frozen_features=memory",), "(56.2 KiB in memory)"),
    ],
)
def test_a_run_is_that_without_features(trained: Train, change: tuple[str, ...], of: str) -> None:
    outcome = trained(SPEC, *change)
    (line,) = said(outcome)
    assert of in line and line.startswith("features: the output of ")
    assert "for each of 1,797 samples, is computed once (" in line
    plain = trained(SPEC, *change, OFF, "name=plain")
    assert said(plain) == []
    same(outcome, plain)


def test_what_is_kept_of_the_run_is_the_whole_model(trained: Train) -> None:
    outcome = trained(SPEC, HIGH)
    plain = trained(SPEC, HIGH, OFF, "name=plain")
    digits = np.random.default_rng(1).uniform(0, 16, (5, 8, 8, 1)).astype("float32")
    for name in ("best", "final"):
        one, other = (keras.models.load_model(it.folder.path / f"{name}.keras")
                      for it in (outcome, plain))  # fmt: skip
        assert one.get_config()["layers"] == other.get_config()["layers"]
        np.testing.assert_allclose(one.predict(digits), other.predict(digits), rtol=1e-4)
        assert len(one.optimizer.variables) == len(other.optimizer.variables)
    assert not outcome.folder.features.exists()


def test_phases_each_have_their_own(trained: Train) -> None:
    phases = SPEC.replace("  freeze: backbone\n", "") + (
        "  phases:\n"
        "    - {name: head, freeze: backbone}\n"
        "    - {name: tune, freeze: {layers: backbone, except: high}, batch_size: 40}\n"
        "    - {name: shaken, freeze: backbone, augment: [{GaussianNoise: 0.1}]}\n"
        "    - {name: plain, freeze: backbone, frozen_features: none}\n"
        "    - {name: whole}\n"
    )
    outcome = trained(phases, "train.epochs=1", "train.frozen_features=disk")
    head, tune = said(outcome)
    assert "`global_average_pooling2d`" in head
    assert "`backbone/norm`" in tune
    assert not outcome.folder.features.exists()
    off = phases.replace("  phases:", "  frozen_features: none\n  phases:")
    same(outcome, trained(off, "train.epochs=1", "name=plain"), rel=1e-4)


def test_thawing_raises_the_frontier_part_by_part(trained: Train) -> None:
    thawing = SPEC.replace("  freeze: backbone\n", "  thaw: {layers: backbone, parts: 2}\n")
    outcome = trained(thawing, "train.epochs=3")
    told = [line.split("`")[1] for line in said(outcome)]
    assert told == ["global_average_pooling2d", "backbone/norm"]
    same(outcome, trained(thawing, "train.epochs=3", OFF, "name=plain"), rel=1e-4)


SEVERAL = """\
modelforge: 1
name: several
data:
  train: Digits
  validation: 0.2
  batch_size: 64
model:
  inputs: {scan: {shape: [8, 8, 1]}}
  layers:
    - Conv2D: {filters: 4, kernel_size: 3, activation: relu, trainable: false}
      name: low
    - Conv2D: {filters: 4, kernel_size: 3, activation: relu, trainable: false}
      name: high
    - GlobalMaxPooling2D:
      name: texture
      from: low
    - GlobalMaxPooling2D:
      name: shape
      from: high
    - Concatenate:
      name: both
      from: [texture, shape]
    - Dense: {units: 10, activation: softmax}
      name: digit
    - Dense: {units: 4, kernel_regularizer: {L2: 0.01}, activity_regularizer: {L2: 0.01}}
      name: code
      from: high
    - Flatten
    - Dense: {units: 10, activation: softmax}
      name: again
  outputs: [digit, again]
train:
  loss: {digit: SparseCategoricalCrossentropy, again: SparseCategoricalCrossentropy}
  loss_weights: {again: 0.5}
  metrics: {digit: [accuracy], again: [accuracy]}
  class_weight: {digit: balanced}
  epochs: 2
  deterministic: true
"""


def test_several_taps_for_several_heads(trained: Train) -> None:
    outcome = trained(SEVERAL)
    (line,) = said(outcome)
    assert "the output of `high`, `both`, 72 numbers" in line
    same(outcome, trained(SEVERAL, OFF, "name=plain"))


def test_mixed_precision_keeps_features_in_half(trained: Train) -> None:
    outcome = trained(SPEC, "train.precision=mixed_bfloat16")
    assert "(28.1 KiB in memory)" in said(outcome)[0]
    plain = trained(SPEC, "train.precision=mixed_bfloat16", OFF, "name=plain")
    same(outcome, plain, rel=2e-2)
    disk = trained(SPEC, "train.precision=mixed_bfloat16", "train.frozen_features=disk", "name=d")
    same(disk, outcome, rel=1e-7)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("data.augment=[{GaussianNoise: 0.1}]",), "`augment` changes what goes into the model"),
        (("train.freeze=digit",), "no frozen layer stands below `backbone/low`: its weights are"),
        (
            ("model.layers.0.model.layers.0={Dropout: 0.1}",),
            "no frozen layer stands below `backbone/dropout`: it draws random numbers in training",
        ),
    ],
)
def test_who_asks_for_features_that_cannot_be_is_told_why(
    tmp_path: Path, change: tuple[str, ...], why: str
) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(SPEC, encoding="utf-8")
    findings = Findings()
    prepared = prepare_model(str(path), [*change, "train.frozen_features=memory"], findings)
    assert prepared.stages[0].features is None
    (finding,) = findings
    assert (finding.rule, finding.severity) == ("no-frozen-features", "warning")
    assert why in finding.message
    quiet = Findings()
    assert prepare_model(str(path), change, quiet).stages[0].features is None
    assert not len(quiet)


def test_a_target_that_is_an_input_is_read_with_it(prepare: Prepare) -> None:
    text = SPEC.replace("batch_size: 64", "batch_size: 64, target: inputs")
    text = text.replace("SparseCategoricalCrossentropy", "MeanSquaredError")
    text = text.replace("metrics: [accuracy]", "metrics: []")
    text = text.replace("    - Dense: {units: 10, activation: softmax}\n      name: digit\n",
                        "    - Dense: 64\n    - Reshape: {target_shape: [8, 8, 1]}\n")  # fmt: skip
    assert prepare(text).stages[0].features is None


def test_features_that_are_much_larger_than_the_images_are_computed_in_every_step(
    prepare: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelforge.train.features.plan._SMALL", 0)
    wide = "model.layers.0.model.layers.1.Conv2D.filters=40"
    assert prepare(SPEC, wide, "train.freeze=backbone/low").stages[0].features is None
    asked = prepare(SPEC, wide, "train.freeze=backbone/low", "train.frozen_features=disk")
    assert asked.stages[0].features is not None
    assert prepare(SPEC).stages[0].features is not None  # smaller than the images


def test_where_there_is_little_memory_they_are_on_disk(
    trained: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "memory_free", lambda: 100_000)
    assert "on disk" in said(trained(SPEC))[0]


def test_more_memory_than_there_is_is_refused(
    trained: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelforge.train.features.serve.memory_free", lambda: 100_000)
    with pytest.raises(Refused, match=r"take 56\.2 KiB, and 97\.7 KiB of memory are free"):
        trained(SPEC, "train.frozen_features=memory")


def test_early_stopping_restores_the_best(trained: Train) -> None:
    stops = "train.callbacks=[{EarlyStopping: {patience: 1, min_delta: 10, " \
            "restore_best_weights: true}}]"  # fmt: skip
    outcome = trained(SPEC, stops, "train.epochs=5")
    assert outcome.state.epochs == 2 and outcome.state.restored_epoch == 1
    same(outcome, trained(SPEC, stops, "train.epochs=5", OFF, "name=plain"))


def test_a_loss_that_is_no_number_goes_back_and_keeps_the_features(trained: Train) -> None:
    asked = ("train.on_divergence={restore: 2, learning_rate: 1.0e-30}",
             "train.optimizer={SGD: 1.0e+38}")  # fmt: skip
    outcome = trained(SPEC, HIGH, *asked)
    assert outcome.state.restores >= 1
    assert len(said(outcome)) == 1


PLUGIN = """\
import keras


@keras.saving.register_keras_serializable(package="meddling")
class Meddling(keras.callbacks.Callback):
    \"\"\"Sees the whole model; changes a frozen weight once an epoch is over, if it shall.\"\"\"

    def __init__(self, change: bool = False):
        super().__init__()
        self.change = change

    def get_config(self):
        return {"change": self.change}

    def on_train_batch_end(self, batch, logs=None):
        assert [it.name for it in self.model.layers][1] == "backbone"
        assert self.model.input_shape == (None, 8, 8, 1)

    def on_epoch_end(self, epoch, logs=None):
        if self.change:
            weight = self.model.get_layer("backbone").get_layer("low").kernel
            weight.assign(weight + 1.0)
"""


def test_a_callback_sees_the_model_and_may_not_change_what_is_frozen(
    trained: Train, tmp_path: Path
) -> None:
    (tmp_path / "meddling.py").write_text(PLUGIN, encoding="utf-8")
    text = SPEC.replace("name: features\n", "name: features\nplugins: [meddling.py]\n")
    text += "  callbacks: [{Meddling: {change: false}}]\n"
    token = TRUSTED.set(run_plugins)
    try:
        outcome = trained(text)
        assert len(said(outcome)) == 1 and outcome.state.epochs == 2
        with pytest.raises(Refused) as refused:
            trained(text.replace("change: false", "change: true"), "name=changed")
    finally:
        TRUSTED.reset(token)
    (finding,) = refused.value.findings
    assert finding.rule == "frozen-weights-changed"
    assert "weights that are frozen, by the end of epoch 1" in finding.message
