"""Every network of keras.applications as a frozen backbone with a new head: one step."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from modelforge.build import build_model
from modelforge.catalog.own.backbones import BACKBONES
from modelforge.findings import Findings
from modelforge.findings.text import render
from modelforge.graph import load

# More than a minute each; one step of ConvNeXtXLarge takes 4.7 GB, with Keras alone as well.
LARGE = (
    *("ConvNeXtBase", "ConvNeXtLarge", "ConvNeXtXLarge", "EfficientNetB5", "EfficientNetB6"),
    *("EfficientNetB7", "EfficientNetV2M", "EfficientNetV2L", "NASNetLarge"),
)
SMALLEST = {"NASNetLarge": 331}  # its cells do not fit together below


def checksum(weight: Any) -> str:
    """Instead of a copy: the largest have 350 million parameters."""
    return hashlib.sha256(np.ascontiguousarray(weight)).hexdigest()


def cases() -> list[Any]:
    return [
        pytest.param(name, marks=pytest.mark.long if name in LARGE else pytest.mark.slow)
        for name in BACKBONES
    ]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", cases())
def test_one_step_leaves_a_frozen_network_as_it_was(name: str, tmp_path: Path) -> None:
    keras.backend.clear_session()
    backbone = BACKBONES[name]
    size = SMALLEST.get(name, backbone.least)
    bound = backbone.preprocessing
    word = "" if bound == "model" else f", preprocessing: {bound}"
    path = tmp_path / "spec.yaml"
    path.write_text(
        f"modelforge: 1\nmodel:\n  inputs: {{image: {{shape: [{size}, {size}, 3]}}}}\n  layers:\n"
        f"    - {name}: {{weights: null, include_top: false, pooling: avg{word}}}\n"
        "      name: backbone\n    - Dense: {units: 3, activation: softmax}\n",
        encoding="utf-8",
    )
    findings = Findings()
    loaded = load(str(path), (), findings)
    assert loaded is not None, render(findings)
    model: Any = build_model(loaded.graph, {}, "m")
    layer = model.get_layer("backbone")
    assert layer.output.shape == (None, backbone.features)
    assert loaded.known["backbone"].shape == (None, backbone.features)

    layer.trainable = False
    before = [checksum(weight) for weight in layer.weights]
    statistics = [weight for weight in layer.weights if weight.name.startswith("moving_")]
    assert statistics or name.startswith(("VGG", "ConvNeXt"))
    images = np.random.default_rng(0).uniform(0, 255, (2, size, size, 3)).astype("float32")
    model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
    loss = model.train_on_batch(images, np.array([0, 2]))
    assert np.isfinite(loss)
    assert [checksum(weight) for weight in layer.weights] == before
    assert np.any(model.layers[-1].bias)  # the features of a network that is not trained may be 0
