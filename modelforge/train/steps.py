"""How steps are executed: the one place where a compiled model meets its batches.

Everything that decides what runs in one TensorFlow graph is decided here: under which strategy,
how batches are spread over replicas, how the values of the replicas become one, and (later) how
many steps one call makes. What an epoch is, and who looks on, is said in `execute.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from modelforge.train import private
from modelforge.train.strategy import Placement

Logs = dict[str, Any]


class Steps:
    """The steps of a compiled model on the devices of a placement; nothing is traced yet.

    The step itself, `train_step` or `test_step` of the model, is Keras's own (or a plugin's).
    """

    def __init__(self, model: keras.Model, placement: Placement) -> None:
        self._model = model
        self._placement = placement
        private.make_steps(model)

    def spread(self, dataset: Any) -> Any:
        """The dataset with each of its batches divided among the replicas."""
        strategy = self._placement.strategy
        return dataset if strategy is None else strategy.experimental_distribute_dataset(dataset)

    def train(self, batches: Iterator[Any]) -> Logs:
        """Learns from the next batch; the values so far over all replicas, as tensors."""
        return private.train_step(self._model, batches)

    def test(self, batches: Iterator[Any]) -> Logs:
        """Measures the next batch; the values so far over all replicas, as tensors."""
        return private.test_step(self._model, batches)
