"""On which devices of this process a trained model answers; inference needs no more than that."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from modelforge.data.replicas import bounds
from modelforge.findings import Refused
from modelforge.spec import Object
from modelforge.train.strategy import Placement, place_here
from modelforge.workers.asked import MULTI_WORKER

ONE = Placement("none", 1, ())


def devices_for(distribute: Object, *, asked: bool) -> Placement:
    """Where `train.distribute` spreads a model's answers; one device is no strategy.

    Of several workers each has its own devices. asked: the devices are asked for here and now;
    those that a run was trained on may be missing on this machine, which takes what it has then.
    """
    local = replace(distribute, name="auto") if distribute.name == MULTI_WORKER else distribute
    try:
        found = place_here(local)
    except Refused:
        if asked:
            raise
        found = place_here(replace(distribute, name="auto", arguments={}))
    return found if found.replicas > 1 else replace(found, strategy=None)


class Answering:
    """A model that answers batches, over all devices that it lies on."""

    def __init__(self, model: keras.Model, placement: Placement) -> None:
        self._model = model
        self._placement = placement

    def answer(self, inputs: Any) -> Any:
        """What the model answers to a batch, in the structure of its outputs, as arrays."""
        if self._placement.strategy is None:
            return self._model.predict_on_batch(inputs)
        inputs = tf.nest.map_structure(tf.convert_to_tensor, inputs)
        ends = bounds(len(tf.nest.flatten(inputs)[0]), self._placement.replicas)
        parts = [_part(inputs, ends[i], ends[i + 1]) for i in range(self._placement.replicas)]
        strategy = self._placement.strategy
        spread = strategy.experimental_distribute_values_from_function(
            lambda context: parts[context.replica_id_in_sync_group]
        )

        def together(answers: Any) -> np.ndarray:
            each = zip(strategy.experimental_local_results(answers), np.diff(ends), strict=True)
            return np.concatenate([np.asarray(values)[:rows] for values, rows in each])

        return tf.nest.map_structure(together, self._answer(spread))

    @cached_property
    def _answer(self) -> Any:
        strategy = self._placement.strategy
        return tf.function(
            lambda inputs: strategy.run(lambda it: self._model.predict_step((it,)), args=(inputs,)),
            reduce_retracing=True,
            autograph=False,
        )


def _part(inputs: Any, start: int, stop: int) -> Any:
    """The rows of one replica; one that has none is given the first, whose answer is left out."""
    rows = slice(start, stop) if stop > start else slice(1)
    return tf.nest.map_structure(lambda it: it[rows], inputs)
