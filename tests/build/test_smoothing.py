"""Smoothed integer labels cost what the same labels cost one-hot, in a spec and when saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from click.testing import Result

from modelforge.build.objects import make
from modelforge.findings import Findings
from modelforge.findings.text import render
from modelforge.graph import load
from modelforge.layers.smoothing import SmoothedSparseCategoricalCrossentropy
from tests.conformance.examples import as_object

GENERATOR = np.random.default_rng(2)
LABELS = GENERATOR.integers(0, 5, 7)
SCORES = GENERATOR.normal(size=(7, 5)).astype("float32")


def loss(**arguments: Any) -> Any:
    return make(as_object({"SparseCategoricalCrossentropy": arguments}, "loss"))


@pytest.mark.parametrize("smoothing", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("from_logits", [True, False])
@pytest.mark.parametrize("column", [True, False])
def test_equals_the_loss_of_one_hot_labels(
    smoothing: float, from_logits: bool, column: bool
) -> None:
    scores = SCORES if from_logits else np.asarray(keras.ops.softmax(SCORES))
    expected = keras.losses.CategoricalCrossentropy(
        from_logits=from_logits, label_smoothing=smoothing
    )
    made = loss(label_smoothing=smoothing, from_logits=from_logits)
    weights = np.arange(7).astype("float32")
    labels = LABELS[:, None] if column else LABELS
    one_hot = np.eye(5, dtype="float32")[LABELS]
    for given in ({}, {"sample_weight": weights}):
        found = made(labels, scores, **given)
        np.testing.assert_allclose(found, expected(one_hot, scores, **given), rtol=1e-6)


def test_for_every_pixel() -> None:
    labels = GENERATOR.integers(0, 5, (2, 3, 4))
    scores = GENERATOR.normal(size=(2, 3, 4, 5)).astype("float32")
    expected = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2)
    found = loss(label_smoothing=0.2, from_logits=True)(labels, scores)
    np.testing.assert_allclose(found, expected(np.eye(5)[labels], scores), rtol=1e-6)


def test_without_smoothing_it_is_that_of_keras() -> None:
    for arguments in ({}, {"label_smoothing": 0.0}, {"ignore_class": 3}):
        assert type(loss(**arguments)) is keras.losses.SparseCategoricalCrossentropy


def test_it_is_saved_with_its_numbers() -> None:
    made = loss(label_smoothing=0.3, from_logits=True, reduction="sum")
    record = keras.losses.serialize(made)
    again: Any = keras.losses.deserialize(record)
    assert isinstance(again, SmoothedSparseCategoricalCrossentropy)
    np.testing.assert_array_equal(again(LABELS, SCORES), made(LABELS, SCORES))


SPEC = """\
modelforge: 1
name: smooth
data: {train: Iris, validation: 0.2}
model:
  layers:
    - Dense: {units: "${data.classes}", activation: softmax}
train:
  loss: {SparseCategoricalCrossentropy: {label_smoothing: %s}}
  metrics: [SparseCategoricalAccuracy]
  epochs: 1
"""


def test_in_a_spec_from_training_to_evaluation(
    tmp_path: Path, modelforge_command: Callable[..., Result]
) -> None:
    path = tmp_path / "smooth.yaml"
    path.write_text(SPEC % "0.2", encoding="utf-8")
    run = tmp_path / "run"
    for command in (("train", path, "--run", run), ("evaluate", run)):
        done = modelforge_command(*command)
        assert done.exit_code == 0, done.output
    assert "label_smoothing: 0.2" in (run / "resolved.yaml").read_text(encoding="utf-8")
    model: Any = keras.models.load_model(run / "best.keras", compile=False)
    assert model.output_shape == (None, 3)


@pytest.mark.parametrize(
    ("smoothing", "said"),
    [("1.5", "label_smoothing"), ("0.1, ignore_class: 2", "cannot both be given")],
)
def test_what_cannot_be(smoothing: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "smooth.yaml"
    path.write_text(SPEC % smoothing, encoding="utf-8")
    findings = Findings()
    assert load(str(path), (), findings) is None
    message = render(findings)
    assert said in message and "smooth.yaml:8:" in message
