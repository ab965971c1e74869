"""A convolution whose gradient can kill the process is told before the first step."""

from __future__ import annotations

import keras
import pytest
import tensorflow as tf

from modelforge.findings import Findings, Source, Span
from modelforge.train.checks.onednn import SEEN_ON, check_onednn

PLACE = Span(Source("spec.yaml", "train:"), 1, 1, 1, 6)

pytestmark = pytest.mark.skipif(
    not tf.__version__.startswith(SEEN_ON), reason="the fault was seen on another TensorFlow"
)


def told(channels: int, **options: object) -> list[str]:
    """What is warned of in a model whose shortcut is nested."""
    inputs = keras.Input((64, 64, channels))
    layer = keras.layers.Conv2D(16, **{"kernel_size": 1, "strides": 2, "name": "cut", **options})
    inner = keras.Model(inputs, layer(inputs))
    findings = Findings()
    check_onednn(keras.Sequential([keras.Input((64, 64, channels)), inner]), PLACE, findings)
    return [f"{it.message} {it.hint}" for it in findings.warnings if it.rule == "onednn-crash"]


def test_is_told_with_the_layer_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    (text,) = told(8)
    assert "`cut`" in text and "TF_ENABLE_ONEDNN_OPTS=0" in text


@pytest.mark.parametrize(
    "channels, options", [(16, {}), (8, {"kernel_size": 3}), (8, {"strides": 1})]
)
def test_others_are_not(
    monkeypatch: pytest.MonkeyPatch, channels: int, options: dict[str, object]
) -> None:
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    assert told(channels, **options) == []


def test_nothing_is_told_without_onednn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    assert told(8) == []
