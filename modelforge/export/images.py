"""Encoded images as the input of an export: the bytes of files in the place of pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from modelforge.data.bundle import Tensor
from modelforge.data.encoded import decode_batch
from modelforge.data.images import ImageReading

# TensorFlow Serving's clients know by `_bytes` that a value is base64 in JSON.
IMAGE_BYTES = "image_bytes"
INPUTS = {IMAGE_BYTES: Tensor((), "string")}


def decoding(reading: ImageReading, tensors: Mapping[str, Tensor]) -> Callable[..., dict[str, Any]]:
    """A function from INPUTS to the only one of `tensors`, pixels as in training."""
    ((name, tensor),) = tensors.items()

    def decoded(inputs: Mapping[str, Any]) -> dict[str, Any]:
        with tf.device("CPU:0"):  # no other device reads strings
            pixels = decode_batch(inputs[IMAGE_BYTES], reading)
        return {name: tf.cast(pixels, tensor.dtype)}

    return decoded
