"""The networks of the gallery are those of keras.applications: parameters and outputs."""

from __future__ import annotations

import re
from pathlib import Path

import keras
import numpy as np
import pytest

from modelforge.build import build_model
from modelforge.findings import Findings
from modelforge.graph import load

SPECS = Path(__file__).parent.parent.parent / "specs"
NETWORKS = {
    "resnet50": ("ResNet50", 25_636_712),
    "resnet101": ("ResNet101", 44_707_176),
    "vgg16": ("VGG16", 138_357_544),
    "vgg19": ("VGG19", 143_667_240),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_the_gallery_computes_what_keras_applications_compute(name: str) -> None:
    word, parameters = NETWORKS[name]
    path = SPECS / f"{name}.yaml"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 60
    findings = Findings()
    loaded = load(str(path), (), findings)
    assert loaded, list(findings)
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    ours = build_model(loaded.graph, {}, name)
    theirs = getattr(keras.applications, word)(weights=None)
    assert ours.count_params() == theirs.count_params() == parameters
    order = [ours.get_layer(node.name) for node in loaded.graph.nodes]
    ranked = sorted(theirs.layers, key=lambda layer: _place(layer.name))
    pairs = zip(_weighted(order), _weighted(ranked), strict=True)
    for mine, other in pairs:
        # Variances and scales of one would leave it open whether they are where they belong.
        values = [np.abs(w) + np.random.default_rng(0).random(w.shape) * 0.02
                  if w.ndim == 1 else w for w in other.get_weights()]  # fmt: skip
        other.set_weights(values)
        mine.set_weights(values)
    image = np.random.default_rng(2).random((2, 224, 224, 3), dtype="float32") * 255
    expected = theirs.predict_on_batch(image)
    assert np.ptp(expected) > 1e-6  # it is not the same for whatever comes in
    assert not np.allclose(expected[0], expected[1], rtol=1e-3)
    assert np.allclose(ours.predict_on_batch(image), expected, rtol=1e-4, atol=1e-7)


def _weighted(layers: list[keras.layers.Layer]) -> list[keras.layers.Layer]:
    return [layer for layer in layers if layer.weights]


def _place(name: str) -> tuple[int, ...]:
    """Where a layer of Keras's stands: `conv4_block12_0_bn`, `block3_conv2`, `fc1`."""
    numbers = [int(number) for number in re.findall(r"\d+", name)]
    head = name.startswith(("fc", "predictions"))
    return (head, name == "predictions", *numbers, *([name.endswith("bn")] if not head else []))
