"""Samples and their order become batches: gather, augment, prefetch; nothing random is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import tensorflow as tf

from modelforge.data.augmentation import Augmentation
from modelforge.data.bundle import Split, Tensor
from modelforge.data.order import epoch_order
from modelforge.data.replicas import Replicas, batch_sizes, division
from modelforge.data.rows import RowFeed
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

    def once(batch_size: int) -> Split:
        return make_split(name, samples, chosen, Serving(batch_size))

    def with_inputs(arrays: Mapping[str, np.ndarray]) -> Split:
        other = replace(
            samples,
            feed=RowFeed(arrays, chosen, getattr(samples.feed, "name_of", str)),
            tensors={key: Tensor(it.shape[1:], it.dtype.name) for key, it in arrays.items()},
        )
        return make_split(name, other, chosen, replace(serving, augmentation=None))

    own = all(target.values is not None for target in samples.targets.values())
    return Split(
        name,
        len(chosen),
        serving.batch_size,
        pipeline.batches,
        serving.whole,
        pipeline.names,
        augmented=serving.augmentation is not None,
        once=once,
        with_inputs=with_inputs if own else None,
    )


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

    def batches(self, epoch: int, first_step: int, replicas: Replicas | None, epochs: int) -> Any:
        """The dataset of so many epochs, from a step of the first on; see `Split.batches`."""
        index = self._index(self._places(replicas), range(epoch, epoch + epochs), first_step)
        dataset = self._samples.feed.read(index)
        dataset = dataset.map(self._finish, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        return dataset.prefetch(tf.data.AUTOTUNE).with_options(_options())

    def names(self, epoch: int, step: int) -> Sequence[str]:
        """The files of a batch's samples, or their numbers in the source."""
        size = self._serving.batch_size
        numbers = self._order(epoch)[step * size : (step + 1) * size]
        name = getattr(self._samples.feed, "name_of", str)
        return [name(int(number)) for number in numbers]

    def _places(self, replicas: Replicas | None) -> np.ndarray:
        """Which places of an epoch's order each batch reads: int64 [steps, width].

        Of each batch only what the replicas here work on: no other sample is read. A batch that
        is smaller than the largest is filled with the place behind the last.
        """
        size, samples = self._serving.batch_size, len(self._chosen)
        if replicas is None or replicas.all_here or self._serving.whole:
            replicas = Replicas(1, 0, 1)
        ends = division(batch_sizes(samples, size), replicas.count)
        ends += np.arange(len(ends))[:, np.newaxis] * size
        starts, stops = ends[:, replicas.first], ends[:, replicas.first + replicas.here]
        width = max(1, int((stops - starts).max()))
        places = starts[:, np.newaxis] + np.arange(width)
        result: np.ndarray = np.where(places < stops[:, np.newaxis], places, samples)
        return result

    def _index(self, places: np.ndarray, epochs: range, first_step: int) -> Any:
        """What each batch reads: a dataset of ((epoch, step), sample numbers [width], count).

        The numbers are -1 behind their count, which is left out where all batches are full.
        It is one dataset over all epochs: one for each would be traced and optimized with each,
        which takes tens of milliseconds and leaves holes in the memory.
        """
        steps = np.arange(len(places), dtype=np.int32)
        counts = (places < len(self._chosen)).sum(axis=1)
        full = bool((counts == places.shape[1]).all())

        def rows_of(epoch: Any) -> np.ndarray:
            rows: np.ndarray = np.append(self._order(int(epoch)), -1)[places]
            return rows

        def of_epoch(epoch: Any) -> Any:
            if self._serving.seed is None:
                rows = tf.constant(rows_of(0))
            else:
                # Stateless: with `deterministic` tf.data would else read nothing ahead.
                rows = tf.numpy_function(rows_of, [epoch], tf.int64, stateful=False)
            rows = tf.ensure_shape(rows, places.shape)
            keys = tf.stack([tf.fill(steps.shape, tf.cast(epoch, tf.int32)), steps], axis=1)
            begin = tf.where(epoch == epochs.start, tf.constant(first_step, tf.int64), 0)
            items = (keys, rows) if full else (keys, rows, tf.constant(counts))
            return tf.data.Dataset.from_tensor_slices(
                tf.nest.map_structure(lambda values: values[begin:], items)
            )

        return tf.data.Dataset.range(epochs.start, epochs.stop).flat_map(of_epoch)

    def _order(self, epoch: int) -> np.ndarray:
        if self._serving.seed is None:
            return self._chosen
        return epoch_order(self._chosen, self._serving.seed, epoch)

    def _finish_batch(self, item: tuple[Any, ...], inputs: dict[str, Any]) -> tuple[Any, ...]:
        key, numbers, *count = item
        if count:
            numbers, inputs = tf.nest.map_structure(lambda it: it[: count[0]], (numbers, inputs))
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


def _options() -> Any:
    options = tf.data.Options()
    options.deterministic = True
    # Under tf.distribute every worker is given what it shall read: nothing is left to be divided.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return options
