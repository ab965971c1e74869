"""Reading samples by number: from arrays in memory, or file by file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf


class ArrayFeed:
    """Samples held in memory, one array per input; files: where each was read from, if from one."""

    def __init__(self, arrays: Mapping[str, np.ndarray], files: Sequence[str] = ()) -> None:
        self._files = files
        with tf.device("CPU:0"):
            self._tensors = {name: tf.constant(array) for name, array in arrays.items()}

    def read(self, index: Any) -> Any:
        """The rows of the arrays beside what asks for them; of a number below 0 any."""
        return index.map(self._gather, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)

    def name_of(self, number: int) -> str:
        """The file of a sample, or its number."""
        return self._files[number] if self._files else str(number)

    def _gather(self, *item: Any) -> Any:
        numbers = tf.maximum(item[1], 0)
        return item, {name: tf.gather(tensor, numbers) for name, tensor in self._tensors.items()}


class FileFeed:
    """Images that are one file each, read and decoded in parallel while the model trains.

    decode: a file's content -> bytes of the shape (height, width, channels).
    """

    def __init__(
        self,
        name: str,
        paths: Sequence[str],
        decode: Callable[[Any], Any],
        shape: tuple[int, ...],
    ) -> None:
        self._name = name
        self._shape = shape
        self._paths = tf.constant([os.fsencode(path) for path in paths], dtype=tf.string)
        self._decode = decode
        self._read = tf.function(self._read_one)

    def read(self, index: Any) -> Any:
        """The decoded files beside what asks for them; of a number below 0 nothing is read."""
        width = index.element_spec[1].shape[0]
        numbers = index.map(lambda *item: item[1]).unbatch()
        images = numbers.map(self._read, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        return tf.data.Dataset.zip(index, images.batch(width, drop_remainder=True))

    def name_of(self, number: int) -> str:
        """The file of a sample."""
        return os.fsdecode(self._paths[number].numpy())

    def _read_one(self, number: Any) -> dict[str, Any]:
        image = tf.cond(
            number < 0,
            lambda: tf.zeros(self._shape, tf.uint8),
            lambda: self._decode(tf.io.read_file(self._paths[number])),
        )
        return {self._name: image}
