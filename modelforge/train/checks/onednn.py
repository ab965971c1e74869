"""Convolutions whose gradient kills the process: a fault of TensorFlow 2.21 on CPUs with oneDNN.

The gradient of a convolution with kernel 1 and stride 2 that has few input channels reads or writes
memory that is not its own: seen with 3 to 12 channels on even sizes, not with 16. What comes of it
is chance: often `Segmentation fault` in the first step, which no Python code can catch.
"""

from __future__ import annotations

import os
from typing import Any

import keras
import tensorflow as tf

from modelforge.build.private import every_layer
from modelforge.findings import Findings, Span, listed

SEEN_ON = "2.21."
_SOUND = 16  # input channels with which no trial failed
_SWITCH = "TF_ENABLE_ONEDNN_OPTS"


def check_onednn(model: keras.Model, span: Span, findings: Findings) -> None:
    """Warns, at `span`, of such layers where they run on a CPU with oneDNN."""
    if not tf.__version__.startswith(SEEN_ON) or os.environ.get(_SWITCH) == "0":
        return
    if tf.config.list_physical_devices("GPU"):
        return
    names = [layer.name for layer in every_layer(model) if _is_risky(layer)]
    if names:
        findings.warning(
            "onednn-crash",
            f"the gradient of {listed([f'`{name}`' for name in names], 3)} may end the process "
            f"without a word: a fault of TensorFlow {tf.__version__} in convolutions of kernel 1 "
            f"and stride 2 with fewer than {_SOUND} input channels",
            span,
            hint=f"set the environment variable {_SWITCH}=0",
        )


def _is_risky(layer: Any) -> bool:
    if type(layer) is not keras.layers.Conv2D or not layer.built:
        return False
    channels = layer.kernel.shape[2]
    return layer.kernel_size == (1, 1) and layer.strides == (2, 2) and channels < _SOUND
