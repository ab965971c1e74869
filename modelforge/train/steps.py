"""How steps are executed: the one place where a compiled model meets its batches.

Everything that decides what runs in one TensorFlow graph is decided here: under which strategy,
how batches are spread over replicas, and how the values of the replicas become one. What an epoch
is, and who looks on, is said in `execute.py`.

Keras's own `make_train_function` is not used: with several workers it fails (keras#20585), and
the values it returns are the mean of the replicas' values, which is not the value of the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from modelforge.data.bundle import Split
from modelforge.data.replicas import Replicas, batch_sizes, divided
from modelforge.train import private
from modelforge.train.replica_values import (
    averaged_variables,
    join,
    metric_sums,
    metric_values,
    summed_variables,
)
from modelforge.train.strategy import Placement
from modelforge.train.targets import Batches

Logs = dict[str, Any]
Step = Callable[[Any], Any]


class Steps:
    """The steps of a compiled model on the devices of a placement; nothing is traced yet.

    The step itself, `train_step` or `test_step` of the model, is Keras's own (or a plugin's).
    """

    def __init__(self, model: keras.Model, placement: Placement) -> None:
        self._model = model
        self._placement = placement
        here = placement.replicas // placement.workers
        self._replicas = Replicas(placement.replicas, placement.worker * here, here)

    def batches(
        self, split: Split, change: Batches, epoch: int = 0, first_step: int = 0, epochs: int = 1
    ) -> Any:
        """The batches of so many epochs as the steps take them, each divided among the replicas.

        change: what happens to a dataset of batches before the model sees it, see `targets.py`.
        epoch, first_step: what comes first.
        """
        strategy = self._placement.strategy
        if strategy is None:
            return change(split.batches(epoch, first_step, None, epochs))
        replicas = self._replicas
        sizes = batch_sizes(split.size, split.batch_size)
        dataset = divided(
            change(split.batches(epoch, first_step, replicas, epochs)),
            np.roll(sizes, -first_step),
            replicas,
            whole=split.whole or replicas.all_here,
        ).prefetch(replicas.here)
        # How many batches there are is known, so that the workers need not ask each other before
        # every step whether all of them still have one: of endless data TensorFlow asks nothing.
        endless = tf.data.experimental.assert_cardinality(tf.data.experimental.INFINITE_CARDINALITY)
        return strategy.distribute_datasets_from_function(lambda context: dataset.apply(endless))

    def train(self, batches: Iterator[Any]) -> Logs:
        """Learns from the next batch; the values so far over all replicas, as tensors."""
        values: Logs = self._train(batches)
        return values

    def test(self, batches: Iterator[Any]) -> Logs:
        """Measures the next batch; the values so far over all replicas, as tensors."""
        values: Logs = self._test(batches)
        return values

    def values(self) -> Logs:
        """The values so far over all replicas, as tensors, without a step."""
        values: Logs = self._values()
        return values

    def sums(self) -> list[Any]:
        """What the metrics have kept so far, added up over all replicas, as tensors."""
        strategy = self._placement.strategy
        if strategy is None:
            return [tf.identity(it.value) for it in summed_variables(self._model)]
        summed = _graph(lambda: self._first(strategy.run(lambda: metric_sums(self._model))))
        return list(summed())

    def agree(self, value: int) -> int:
        """The greatest of the values that the workers give, each by calling this at its turn.

        value: not below 0. With a single worker it is the value itself, and costs nothing.
        """
        if self._placement.workers < 2:
            return value
        return int(self._greatest(tf.constant(value, tf.int64)))

    @cached_property
    def _train(self) -> Step:
        return self._make(self._model.train_step, averaged_variables(self._model))

    @cached_property
    def _test(self) -> Step:
        return self._make(self._model.test_step, [])

    @cached_property
    def _values(self) -> Callable[[], Logs]:
        strategy = self._placement.strategy
        if strategy is None:
            return self._model.get_metrics_result

        def values() -> Logs:
            return self._first(strategy.run(lambda: metric_values(self._model)))

        return values if self._model.run_eagerly else _graph(values)

    @cached_property
    def _greatest(self) -> Callable[[Any], Any]:
        placement = self._placement

        def of_replica(value: Any) -> Any:
            here = tf.one_hot(placement.worker, placement.workers, dtype=tf.int64)
            every = tf.distribute.get_replica_context().all_reduce("SUM", here * value)
            return tf.reduce_max(every) // self._replicas.here

        return _graph(lambda value: self._first(placement.strategy.run(of_replica, args=(value,))))

    def _make(self, step: Step, averaged: list[Any]) -> Step:
        """The function of an iterator that takes the next batch and makes a step of it."""
        spread = step if self._placement.strategy is None else self._spread(step, averaged)
        if self._model.run_eagerly:
            return lambda batches: spread(next(batches))
        # The step alone is compiled by XLA, which cannot fetch a batch.
        jit = self._model.jit_compile
        one = _graph(spread, jit_compile=True) if jit else spread
        return _graph(lambda batches: one(next(batches)))

    def _spread(self, step: Step, averaged: list[Any]) -> Step:
        """The step, made by all replicas, each with its part of the batch."""
        strategy = self._placement.strategy

        def of_replica(element: Any) -> Logs:
            (rows, of), batch = element
            with private.holding(rows, of):
                logs = step(batch)
            return join(self._model, logs, averaged, tf.cast(rows / of, tf.float32))

        def of_all(element: Any) -> Logs:
            if self._placement.replicas < 2:
                return self._first(strategy.run(lambda it: step(it[1]), args=(element,)))
            with private.as_one_process():
                return self._first(strategy.run(of_replica, args=(element,)))

        return of_all

    def _first(self, values: Any) -> Any:
        """The values of one replica, where all have the same."""
        strategy = self._placement.strategy
        return tf.nest.map_structure(lambda it: strategy.experimental_local_results(it)[0], values)


def _graph(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    # As in Keras, what Python decides in a step it decides once: AutoGraph is off.
    made: Callable[..., Any] = tf.function(
        function, reduce_retracing=True, autograph=False, **options
    )
    return made
