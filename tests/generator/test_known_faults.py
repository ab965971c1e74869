"""Specs that validate, although Keras 3.15.1 can build but not train them.

The generator steers clear of them. Each has its finding when training is prepared, before the
first step; `validate` should tell, without TensorFlow. A test here turns red when it does.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from modelforge.findings import Findings, Refused
from modelforge.graph import load
from modelforge.train.prepare import prepare

DATA = "data: {train: Wine, batch_size: 16}\n"
TRAIN = "train: {loss: SparseCategoricalCrossentropy%s}\n"
MODEL = "model:\n  layers: [%s, {Dense: {units: 3, activation: softmax}}]\n"
ROWS = "{Reshape: {target_shape: [13, 1]}}"
PENALIZED = "{Dense: {units: 4, kernel_regularizer: L2"
FAULTS = {
    "cropped in training only": (
        "{Dense: 75}, {Reshape: {target_shape: [5, 5, 3]}}, "
        "{RandomCrop: {height: 3, width: 3}}, Flatten", ""
    ),
    "pooled to 1": (f"{ROWS}, {{AdaptiveMaxPooling1D: 1}}, Flatten", ""),
    "pooled to 1 on average": (f"{ROWS}, {{AdaptiveAveragePooling1D: 1}}, Flatten", ""),
    "penalties in bfloat16": (PENALIZED + "}}", ", precision: bfloat16"),
    "penalties in float64": (PENALIZED + "}}", ", precision: float64"),
    "penalty of a layer with a dtype": (
        PENALIZED + ", dtype: bfloat16}}", ""
    ),
    "top k in bfloat16": (
        "{Dense: 4}", ", precision: mixed_bfloat16, metrics: [SparseTopKCategoricalAccuracy]"
    ),
    "a picture of another size than the application's own": (
        "{Dense: 192}, {Reshape: {target_shape: [8, 8, 3]}}, {Resizing: {height: 32, width: 32}}, "
        "{MobileNetV2: {weights: null, classes: 4, alpha: 0.35}}", ""
    ),
}  # fmt: skip


def loaded_from(name: str, folder: Path, findings: Findings):  # type: ignore[no-untyped-def]
    layers, train = FAULTS[name]
    path = folder / "spec.yaml"
    path.write_text(DATA + MODEL % layers + TRAIN % train, encoding="utf-8")
    return load(str(path), (), findings)


@pytest.mark.parametrize("name", FAULTS)
def test_training_is_refused_before_it_begins(name: str, tmp_path: Path) -> None:
    findings = Findings()
    loaded = loaded_from(name, tmp_path, findings)
    with pytest.raises(Refused) as refused:
        assert loaded is not None, "now `validate` tells: take it off the list"
        prepare(loaded, findings)
    assert "Keras refuses" in str(refused.value)


@pytest.mark.xfail(strict=True, reason="no rule speaks for it yet: told when training is prepared")
@pytest.mark.parametrize("name", FAULTS)
def test_validate_tells(name: str, tmp_path: Path) -> None:
    findings = Findings()
    loaded_from(name, tmp_path, findings)
    assert findings.errors
