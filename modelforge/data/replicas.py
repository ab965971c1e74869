"""Which samples of each batch go to which replica."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf


@dataclass(frozen=True, slots=True)
class Replicas:
    """Among how many replicas each batch is divided, and which of them this process feeds.

    count: over all processes; here: those of this process, from number `first` on.
    """

    count: int
    first: int
    here: int

    @property
    def all_here(self) -> bool:
        """Whether this process feeds every replica."""
        return self.here == self.count


def bounds(samples: int, replicas: int) -> np.ndarray:
    """Where the part of each replica begins in a batch, and where the last one ends.

    int64 [replicas + 1]. The first replicas have a sample more where they cannot have equally
    many; where there are fewer samples than replicas, the last ones have none.
    """
    each, more = divmod(samples, replicas)
    numbers = np.arange(replicas + 1, dtype=np.int64)
    result: np.ndarray = numbers * each + np.minimum(numbers, more)
    return result


def batch_sizes(size: int, batch_size: int, first_step: int = 0) -> np.ndarray:
    """The samples of each batch of a split of `size` samples, from one of its steps on."""
    starts = np.arange(first_step * batch_size, size, batch_size, dtype=np.int64)
    result: np.ndarray = np.minimum(batch_size, size - starts)
    return result


def division(sizes: np.ndarray, replicas: int) -> np.ndarray:
    """The bounds of each batch: int64 [batches, replicas + 1]."""
    result = np.empty((len(sizes), replicas + 1), dtype=np.int64)
    for size in np.unique(sizes):
        result[sizes == size] = bounds(int(size), replicas)
    return result


def divided(dataset: Any, sizes: np.ndarray, replicas: Replicas, whole: bool) -> Any:
    """What each replica here works on, one after the other: ((rows, of), batch).

    dataset: batches, any nest of tensors whose first axis is the batch; whole: with all samples,
    not only with those of the replicas here. sizes: the samples of each whole batch, from the
    first again where the dataset goes on. rows: the samples of this replica, of: those of the
    whole batch.
    """
    ends = division(sizes, replicas.count)[:, replicas.first : replicas.first + replicas.here + 1]
    ends = ends if whole else ends - ends[:, :1]
    division_of = tf.data.Dataset.from_tensor_slices((ends, sizes)).repeat()
    return tf.data.Dataset.zip(division_of, dataset).flat_map(_cut)


def _cut(division: tuple[Any, Any], batch: Any) -> Any:
    ends, of = division

    def part(start: Any, stop: Any) -> Any:
        return (stop - start, of), tf.nest.map_structure(lambda it: it[start:stop], batch)

    return tf.data.Dataset.from_tensor_slices((ends[:-1], ends[1:])).map(part)
