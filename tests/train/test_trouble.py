"""What goes wrong while steps run is explained by its cause."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from modelforge.data.bundle import Split
from modelforge.findings import Diverged, Lost, Refused
from modelforge.spec.targets import ONLY
from modelforge.train.execute import NotFinite
from modelforge.train.position import Position
from modelforge.train.trouble import explain
from train.conftest import DIABETES, IRIS, Prepare, Train

REVIEWS = """\
modelforge: 1
name: reviews
data:
  train: {CSV: {path: reviews.csv, target: verdict, features: {review: text}}}
  batch_size: 4
model:
  inputs: {review: {shape: [1], dtype: string}}
  layers:
    - TextVectorization: {max_tokens: 20, output_sequence_length: 4}
    - Embedding: {input_dim: 20, output_dim: 2}
    - Flatten
    - Dense: {units: 1, activation: sigmoid}
train: {loss: BinaryCrossentropy}
"""


def test_a_batch_that_holds_nan_is_the_cause(prepare: Prepare) -> None:
    prepared = prepare()
    values = np.ones((4, 4), "float32")
    values[2, 1] = np.nan

    def make(epoch: int, first_step: int, replicas: object, epochs: int) -> object:
        assert (epoch, first_step, replicas, epochs) == (1, 2, None, 1)
        return tf.data.Dataset.from_tensors((values, np.zeros(4, "int32")))

    bundle = replace(prepared.bundle, train=Split("train", 4, 3, make))
    error = explain(NotFinite(Position(1, 3), float("nan")), prepared.train, bundle)
    assert isinstance(error, Diverged)
    (finding,) = error.findings
    assert finding.message == "the loss became nan in epoch 2, step 3"
    assert finding.notes == (
        "the data is the cause: the input holds NaN or infinite values in this batch",
        "the last checkpoint was written before that: it is kept, and its numbers are finite",
    )


def test_a_lookup_without_vocabulary_is_told(trained: Train, tmp_path: Path) -> None:
    rows = [f"{word} film,{verdict}" for word, verdict in [("great", "yes"), ("poor", "no")] * 8]
    (tmp_path / "reviews.csv").write_text("\n".join(["review,verdict", *rows]), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        trained(REVIEWS)
    (finding,) = refused.value.findings
    assert finding.rule == "no-vocabulary"
    assert "list it, `vocabulary: [" in finding.notes[0]


def test_a_large_target_is_told(prepare: Prepare) -> None:
    prepared = prepare(DIABETES)
    learned = replace(prepared.bundle.targets[ONLY], facts={"target_std": 4000.0})
    bundle = replace(prepared.bundle, targets={ONLY: learned})
    error = explain(NotFinite(Position(0, 1), float("inf")), prepared.train, bundle)
    assert isinstance(error, Diverged)
    notes = error.findings[0].notes
    assert "the learning rate is too high (it is 0.001)" in notes[0]
    assert "`SGD: {clipnorm: 1.0}`" in notes[1]
    assert "standard deviation 4000" in notes[2]


def test_no_memory_can_be_resumed(prepare: Prepare) -> None:
    prepared = prepare(IRIS)
    error = tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
    told = explain(error, prepared.train, prepared.bundle)
    assert isinstance(told, Lost) and told.exit_code == 5
    assert "OOM when allocating" in told.findings[0].message
    assert "batch_size" in told.findings[0].notes[0]


def test_what_tensorflow_refuses_in_a_step_is_no_defect(prepare: Prepare) -> None:
    prepared = prepare(IRIS)
    told = explain(
        tf.errors.InvalidArgumentError(None, None, "indices out of range"),
        prepared.train,
        prepared.bundle,
    )
    assert isinstance(told, Refused)
    assert "indices out of range" in told.findings[0].message
    with pytest.raises(ZeroDivisionError) as defect:
        1 / 0  # noqa: B018
    assert explain(defect.value, prepared.train, prepared.bundle) is None
