"""Reading samples by number: from arrays in memory, or file by file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf


def index_batches(order: np.ndarray, batch_size: int) -> Any:
    """A dataset of batches of sample numbers.

    Whole batches are cut by NumPy: `Dataset.batch` would handle every number on its own.
    """
    whole = len(order) // batch_size * batch_size
    numbers = np.asarray(order, dtype=np.int64)
    dataset = tf.data.Dataset.from_tensor_slices(numbers[:whole].reshape(-1, batch_size))
    if whole < len(order):
        rest = tf.data.Dataset.from_tensors(numbers[whole:])
        dataset = dataset.concatenate(rest) if whole else rest
    return dataset


class ArrayFeed:
    """Samples held in memory, one array per input; files: where each was read from, if from one."""

    def __init__(self, arrays: Mapping[str, np.ndarray], files: Sequence[str] = ()) -> None:
        self._files = files
        with tf.device("CPU:0"):
            self._tensors = {name: tf.constant(array) for name, array in arrays.items()}
        # A tf.function is traced once, where `map` would trace a plain function every epoch.
        self._gather = tf.function(self._gather_batch, reduce_retracing=True)

    def inputs(self, order: np.ndarray, batch_size: int) -> Any:
        """Batches of rows of the arrays."""
        numbers = index_batches(order, batch_size)
        return numbers.map(self._gather, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)

    def name_of(self, number: int) -> str:
        """The file of a sample, or its number."""
        return self._files[number] if self._files else str(number)

    def _gather_batch(self, numbers: Any) -> dict[str, Any]:
        return {name: tf.gather(tensor, numbers) for name, tensor in self._tensors.items()}


class FileFeed:
    """Samples that are one file each, read and decoded in parallel while the model trains."""

    def __init__(self, name: str, paths: Sequence[str], decode: Callable[[Any], Any]) -> None:
        self._name = name
        self._paths = tf.constant([os.fsencode(path) for path in paths], dtype=tf.string)
        self._decode = decode
        self._read = tf.function(self._read_one)

    def inputs(self, order: np.ndarray, batch_size: int) -> Any:
        """Batches of decoded files."""
        numbers = tf.data.Dataset.from_tensor_slices(np.asarray(order, dtype=np.int64))
        images = numbers.map(self._read, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        return images.batch(batch_size)

    def name_of(self, number: int) -> str:
        """The file of a sample."""
        return os.fsdecode(self._paths[number].numpy())

    def _read_one(self, number: Any) -> dict[str, Any]:
        return {self._name: self._decode(tf.io.read_file(self._paths[number]))}
