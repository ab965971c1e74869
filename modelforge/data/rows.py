"""Rows of arrays, in memory or in files, in the place of what samples were read from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf


class RowFeed:
    """Reads the rows of arrays by the numbers of samples; see `Feed`.

    samples: of each row the number of its sample. name_of: what a sample is called. What lies in
    memory TensorFlow holds itself; a `numpy.memmap` is read when a batch wants rows of it.
    """

    def __init__(
        self,
        arrays: Mapping[str, np.ndarray],
        samples: np.ndarray,
        name_of: Callable[[int], str],
    ) -> None:
        self.name_of = name_of
        rows = np.zeros(int(samples.max(initial=0)) + 1, np.int64)
        rows[samples] = np.arange(len(samples))
        with tf.device("CPU:0"):
            self._rows = tf.constant(rows)
            self._held = {
                name: tf.constant(array)
                for name, array in arrays.items()
                if not isinstance(array, np.memmap)
            }
        self._files = {name: it for name, it in arrays.items() if name not in self._held}

    def read(self, index: Any) -> Any:
        """The rows beside what asks for them; of a number below 0 any."""
        return index.map(self._gather, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)

    def _gather(self, *item: Any) -> Any:
        rows = tf.gather(self._rows, tf.maximum(item[1], 0))
        found = {name: tf.gather(tensor, rows) for name, tensor in self._held.items()}
        for name, array in self._files.items():
            # Stateless: with `deterministic` tf.data would else read nothing ahead.
            given = tf.numpy_function(array.__getitem__, [rows], array.dtype, stateful=False)
            found[name] = tf.ensure_shape(given, (*rows.shape, *array.shape[1:]))
        return item, found
