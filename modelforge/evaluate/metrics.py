"""The loss and the metrics of a run's spec, measured on a part of a split and joined with others.

What a metric of Keras keeps are sums, which are added up over replicas and workers; the values are
computed from the sums over all. A plugin's metric is right if its variables are sums, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from modelforge.build.compile import compile_model
from modelforge.data.bundle import Split
from modelforge.evaluate.share import Share
from modelforge.evaluate.trained import TrainedRun
from modelforge.spec import Object, TrainSection
from modelforge.train import private
from modelforge.train.replica_values import values_of_sums
from modelforge.train.steps import Steps
from modelforge.train.targets import measured_batches

State = Sequence[Any]


class Metrics:
    """Those of the run's `train`, which has a loss; the model is compiled for them."""

    def __init__(self, run: TrainedRun, train: TrainSection, split: Split) -> None:
        strategy = run.placement.strategy
        self._model = run.model
        self._split = split
        self._change = measured_batches(run.output_names)
        with run.placement.scope():
            compile_model(run.model, _for_measuring(train, strategy), run.output_names)
            if strategy is not None:
                # Under a strategy no variable can be made inside a step.
                spec = self._change(split.batches()).element_spec
                private.build_from_shapes(run.model, tf.nest.map_structure(_symbol, spec))
        self._steps = Steps(run.model, run.placement)
        self._last: Mapping[str, Any] = {}
        self._measured = False

    def measure(self, start: int, stop: int, share: Share) -> None:
        """Measures the batches of the split from one of its steps to another."""
        batches = iter(self._steps.batches(self._split, self._change, 0, start))
        for _ in range(start, stop):
            self._last = self._steps.test(batches)
            self._measured = True
            share.done()

    def state(self) -> State:
        """The sums so far, and the numbers that the last step told, as plain values."""
        if not self._measured:
            return [[], {}]
        sums = [np.asarray(total, np.float64).tolist() for total in self._steps.sums()]
        told = {name: float(it) for name, it in self._last.items() if np.ndim(it) == 0}
        return [sums, told]

    def values(self, states: Sequence[State]) -> dict[str, float]:
        """The values over all parts of the split, which are given in their order.

        As in Keras, what a step of one's own tells beside the metrics is that of the last batch.
        """
        parts = [(sums, told) for sums, told in states if told]
        _, last = parts[-1]
        if len(states) == 1:  # alone: also a metric is right that keeps something else
            metrics = self._steps.values()
        else:
            every = zip(*(sums for sums, _ in parts), strict=True)
            sums = [np.sum([np.asarray(it) for it in each], axis=0) for each in every]
            metrics = values_of_sums(self._model, sums)
        return {name: float(metrics.get(name, value)) for name, value in last.items()}


def _for_measuring(train: TrainSection, strategy: Any) -> TrainSection:
    """The section without the optimizer's slots, which would be made for nothing."""
    plain = Object("optimizer", "SGD", {}, train.span)
    jit_compile = train.jit_compile if strategy is None else False  # several CPUs cannot
    return replace(train, optimizer=plain, jit_compile=jit_compile)


def _symbol(spec: Any) -> Any:
    return keras.KerasTensor(tuple(spec.shape), spec.dtype.name)
