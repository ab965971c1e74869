"""Samples and their order become batches: gather, augment, prefetch; nothing random is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from modelforge.data.augmentation import Augmentation
from modelforge.data.bundle import Split
from modelforge.data.feeds import index_batches
from modelforge.data.order import epoch_order
from modelforge.data.replicas import Replicas, batch_sizes, bounds
from modelforge.data.samples import Samples
from modelforge.spec.targets import ONLY


@dataclass(frozen=True)
class Serving:
    """How a split is served. seed: None where the order of the samples is kept."""

    batch_size: int
    seed: int | None = None
    augmentation: Augmentation | None = None

    @property
    def whole(self) -> bool:
        """Whether the samples of a batch have to be read together."""
        return self.augmentation is not None and not self.augmentation.by_sample


def make_split(name: str, samples: Samples, chosen: np.ndarray, serving: Serving) -> Split:
    """A split over the chosen samples of a source."""
    pipeline = _Pipeline(samples, chosen, serving)
    size = serving.batch_size
    return Split(name, len(chosen), size, pipeline.batches, serving.whole, pipeline.names)


class _Pipeline:
    def __init__(self, samples: Samples, chosen: np.ndarray, serving: Serving) -> None:
        self._samples = samples
        self._chosen = chosen
        self._serving = serving
        with tf.device("CPU:0"):
            self._targets = {
                name: tf.constant(target.values)
                for name, target in samples.targets.items()
                if target.values is not None
            }
        self._finish = tf.function(self._finish_batch, reduce_retracing=True)

    def batches(self, epoch: int, first_step: int, replicas: Replicas | None) -> Any:
        """The dataset of one epoch, from one of its steps on; see `Split.batches`."""
        size = self._serving.batch_size
        order = self._order(epoch)[first_step * size :]
        steps = np.arange(first_step, -(-len(self._chosen) // size), dtype=np.int32)
        keys = np.stack([np.full_like(steps, epoch), steps], axis=1)
        if replicas is None or replicas.all_here or self._serving.whole:
            dataset = self._read(order, size, keys)
        else:
            dataset = self._read_part(order, keys, replicas)
        return dataset.prefetch(tf.data.AUTOTUNE).with_options(_options())

    def names(self, epoch: int, step: int) -> Sequence[str]:
        """The files of a batch's samples, or their numbers in the source."""
        size = self._serving.batch_size
        numbers = self._order(epoch)[step * size : (step + 1) * size]
        name = getattr(self._samples.feed, "name_of", str)
        return [name(int(number)) for number in numbers]

    def _read(self, order: np.ndarray, size: int, keys: np.ndarray) -> Any:
        dataset = tf.data.Dataset.zip(
            tf.data.Dataset.from_tensor_slices(keys),
            index_batches(order, size),
            self._samples.feed.inputs(order, size),
        )
        return dataset.map(self._finish, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)

    def _read_part(self, order: np.ndarray, keys: np.ndarray, replicas: Replicas) -> Any:
        """Of each batch only what the replicas here work on: no other sample is read."""
        size = self._serving.batch_size
        ends = (replicas.first, replicas.first + replicas.here)
        parts = []
        for step, count in enumerate(batch_sizes(len(order), size)):
            start, stop = bounds(int(count), replicas.count)[list(ends)] + step * size
            parts.append(order[start:stop])
        if len(parts[-1]):
            return self._read(np.concatenate(parts), len(parts[0]), keys)
        # The last batch has too few samples for the replicas here: they get one of none.
        nothing = self._read(order[:1], 1, keys[-1:]).map(_emptied)
        if len(parts) == 1:
            return nothing
        return self._read(np.concatenate(parts), len(parts[0]), keys[:-1]).concatenate(nothing)

    def _order(self, epoch: int) -> np.ndarray:
        if self._serving.seed is None:
            return self._chosen
        return epoch_order(self._chosen, self._serving.seed, epoch)

    def _finish_batch(self, key: Any, numbers: Any, inputs: dict[str, Any]) -> tuple[Any, ...]:
        tensors = {
            name: tf.cast(inputs[name], tensor.dtype) if tensor.dtype != "string" else inputs[name]
            for name, tensor in self._samples.tensors.items()
        }
        targets = self._targets_of(numbers, tensors)
        if self._serving.augmentation is not None:
            first = next(iter(tensors))
            tensors[first] = self._serving.augmentation(tensors[first], key, numbers)
        alone = next(iter(tensors.values())) if len(tensors) == 1 else tensors
        return (alone, targets) if targets is not None else (alone,)

    def _targets_of(self, numbers: Any, inputs: Mapping[str, Any]) -> Any:
        """The targets of a batch; an input that is one is it as it was before augmentation."""
        found = {
            name: tf.gather(self._targets[name], numbers)
            if target.values is not None
            else tf.identity(inputs[target.input])
            for name, target in self._samples.targets.items()
        }
        return found.get(ONLY) if found.keys() <= {ONLY} else found


def _emptied(*batch: Any) -> Any:
    return tf.nest.map_structure(lambda values: values[:0], batch)


def _options() -> Any:
    options = tf.data.Options()
    options.deterministic = True
    # Under tf.distribute every worker is given what it shall read: nothing is left to be divided.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return options
