"""Freezing in networks of keras.applications, whose layers Keras alone knows."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from modelforge.build.freezing import apply_freezing
from modelforge.findings import Findings, Refused
from modelforge.findings.text import render
from modelforge.graph import load
from modelforge.train.prepare import Prepared, prepare_model

pytestmark = pytest.mark.slow  # a network is built for each

SPEC = """\
data: {train: Digits, validation: 0.2, batch_size: 8}
model:
  layers:
    - Reshape: {target_shape: [8, 8, 1]}
    - Resizing: {height: 32, width: 32}
    - Concatenate:
      from: [resizing, resizing, resizing]
    - MobileNetV2: {include_top: false, pooling: avg, alpha: 0.35, weights: WEIGHTS}
      name: backbone
    - Dense: {units: 10, activation: softmax}
      name: head
train:
  loss: SparseCategoricalCrossentropy
"""


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of the network, in a file."""
    path = tmp_path_factory.mktemp("weights") / "mobile.weights.h5"
    network = keras.applications.MobileNetV2(
        (32, 32, 3), alpha=0.35, include_top=False, weights=None, pooling="avg"
    )
    network.save_weights(path)
    return path


def prepared(folder: Path, weights: Path | None, *overrides: str) -> tuple[Prepared, Findings]:
    path = folder / "spec.yaml"
    text = SPEC.replace("WEIGHTS", str(weights) if weights else "null")
    path.write_text(text, encoding="utf-8")
    findings = Findings()
    return prepare_model(str(path), overrides, findings), findings


def test_parts_of_a_network(tmp_path: Path, weights: Path) -> None:
    found, _ = prepared(tmp_path, weights, "train.freeze=backbone")
    lines = found.stages[0].frozen.lines()
    assert lines == ["backbone: 104 of 104 layers with weights, 410,208 parameters frozen"]
    model, graph = found.model, found.graph
    train = found.train
    names = {
        "{layers: backbone, except: 'block_16_*'}": {"backbone": 98},
        "{until: block_15_add}": {"backbone": 96},
        "backbone/block_1_*": {"backbone": 6},
        "DepthwiseConv2D": {"backbone": 17},
        "{layers: backbone, first: 0.5}": {"backbone": 52},
    }
    assert train.freeze is not None
    for text, counts in names.items():
        again, _ = prepared(tmp_path, weights, f"train.freeze={text}")
        frozen = apply_freezing(model, graph, again.train.freeze)
        groups = {name: it.frozen for name, it in frozen.groups().items() if it.frozen}
        assert groups == counts, text
        assert frozen == again.stages[0].frozen


def test_a_step_leaves_all_of_it_as_it_was(tmp_path: Path, weights: Path) -> None:
    found, _ = prepared(tmp_path, weights, "train.freeze=backbone")
    backbone = found.model.get_layer("backbone")
    before = [it.numpy().tobytes() for it in backbone.weights]
    rows = np.random.default_rng(0).uniform(0, 255, (8, 8, 8)).astype("float32")
    found.model.fit(rows, np.zeros(8), verbose=0)
    assert [it.numpy().tobytes() for it in backbone.weights] == before


def test_thawed_it_keeps_its_statistics_unless_it_began_at_random(
    tmp_path: Path, weights: Path
) -> None:
    assert prepared(tmp_path, weights)[0].stages[0].frozen.total.inference == 52
    assert prepared(tmp_path, None)[0].stages[0].frozen.total.inference == 0


def test_names_are_checked_before_the_first_step(tmp_path: Path, weights: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(
        SPEC.replace("WEIGHTS", str(weights)) + "  freeze: {layers: backbone, except: blok_16_*}\n"
    )
    findings = Findings()
    assert load(str(path), (), findings) is not None, render(findings)  # nobody can tell yet
    with pytest.raises(Refused) as refused:
        prepare_model(str(path), (), findings)
    (finding,) = refused.value.findings
    assert finding.rule == "freeze-nothing"
    assert finding.span is not None and finding.span.line == 14
    assert "takes away no layer" in finding.message


def test_small_batches_are_warned_of(tmp_path: Path, weights: Path) -> None:
    _, findings = prepared(tmp_path, weights, "train.batch_norm=train")
    print([it.message for it in findings.warnings])
    (warning,) = [it for it in findings.warnings if it.rule == "batch-norm-of-few"]
    assert "batches of 8 samples" in warning.message
    _, findings = prepared(tmp_path, weights, "train.batch_norm=train", "data.batch_size=16")
    assert "batch-norm-of-few" not in [it.rule for it in findings.warnings]
