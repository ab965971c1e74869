"""The training loop: epochs made of steps, each followed by validation and callbacks.

Keras's `fit` is not used: it owns the order of the data, cannot begin in the middle of an epoch,
forgets its callbacks' state between two calls, and fails with several workers (keras#20585). Its
callbacks are called as `fit` calls them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import keras
import tensorflow as tf

from modelforge.data.bundle import Bundle, Split
from modelforge.train import private
from modelforge.train.position import Position
from modelforge.train.steps import Steps
from modelforge.train.strategy import Placement
from modelforge.train.targets import Batches

Values = dict[str, float]


class Watch(Protocol):
    """Looks on; what it raises ends training."""

    def begun(self) -> bool:
        """Once every callback has begun; whether a checkpoint was put back by then."""

    def step_done(self, position: Position, logs: Mapping[str, Any]) -> None:
        """After each step; position counts it; logs are tensors, read only when needed."""

    def validating(self, position: Position, step: int) -> None:
        """Before each step of a validation, from 0, which follows the epoch's last step."""

    def epoch_done(self, epochs: int, values: Values) -> None:
        """After each epoch, its validation, and the callbacks."""


@dataclass(frozen=True)
class Fed:
    """What the steps are fed with: a model, and splits that give what it is called on.

    It is the model of the run and its data, or the upper part of it and features. weights: what
    the weights were that made them, as a digest.
    """

    model: keras.Model
    train: Split
    validation: Split | None
    weights: str = ""


class NotFinite(Exception):
    """The loss is no finite number after this step, or (where they are named) weights are not."""

    def __init__(self, position: Position, loss: float, weights: str = "") -> None:
        super().__init__(f"loss {loss} at {position} {weights}")
        self.position = position
        self.loss = loss
        self.weights = weights


@dataclass(frozen=True)
class Execution:
    """A compiled model and its data. training, measured: see `targets.py`."""

    model: keras.Model
    bundle: Bundle
    placement: Placement
    training: Batches
    measured: Batches

    @cached_property
    def fed(self) -> Fed:
        """What the steps are fed with, as long as nobody has said otherwise."""
        return Fed(self.model, self.bundle.train, self.bundle.validation)

    def feed(self, fed: Fed) -> None:
        """Has the steps begin with something else, until all is forgotten."""
        self.forget()
        self.__dict__["fed"] = fed

    @cached_property
    def steps(self) -> Steps:
        """The steps of the model; made at the first use, once the model is compiled."""
        return Steps(self.fed.model, self.placement)

    def build(self) -> None:
        """Makes the variables of optimizer, losses and metrics, without running a step.

        Under a strategy they cannot be made inside a step, and a checkpoint needs them before.
        Keras would build from the first real batch, averaged over the replicas, which fails
        for uneven batches and for strings (keras#19246): here the shapes alone are used.
        """
        spec = self.training(self.bundle.train.batches()).element_spec
        with self.placement.scope():
            private.build_from_shapes(self.model, tf.nest.map_structure(_symbol, spec))

    def forget(self) -> None:
        """Lets go of what was traced, and with it of the variables of an optimizer that is done."""
        for name in ("steps", "_validation", "fed"):
            self.__dict__.pop(name, None)

    def value_names(self) -> tuple[str, ...]:
        """The names of the values that an epoch will have; the model has to be built."""
        names = tuple(self._values())
        return names + tuple(f"val_{name}" for name in names if self.bundle.validation)

    def run(
        self,
        callbacks: keras.callbacks.CallbackList,
        watch: Watch,
        start: Position,
        epochs: int,
        ready: Callable[[Position], None] = lambda _: None,
    ) -> None:
        """Trains until so many epochs are done, or a callback has had enough.

        ready: called once the weights are those of the first step, where there is a step left.
        """
        self.model.stop_training = False
        callbacks.on_train_begin()
        if start.step:  # whatever this changes, the checkpoint puts back
            callbacks.on_epoch_begin(start.epoch)
        if not watch.begun():
            start = max(start, Position(private.restored_by_callback(self.model)))
        if start.epoch < epochs and (start.step or not self.model.stop_training):
            ready(start)
        values: Values = {}
        batches = _Batches(self, epochs)
        for epoch in range(start.epoch, epochs):
            first = start.step if epoch == start.epoch else 0
            if self.model.stop_training and not first:
                break
            values = self._epoch(callbacks, watch, Position(epoch, first), batches)
            watch.epoch_done(epoch + 1, values)
        self.model.optimizer.finalize_variable_values(self.model.trainable_weights)
        callbacks.on_train_end(values)

    def _epoch(
        self,
        callbacks: keras.callbacks.CallbackList,
        watch: Watch,
        start: Position,
        batches: _Batches,
    ) -> Values:
        if not start.step:  # in the middle of an epoch the running sums have been put back
            self.model.reset_metrics()
            callbacks.on_epoch_begin(start.epoch)
        split = self.bundle.train
        position = start
        iterator = batches.at(start)
        for step in range(start.step, split.steps):
            if self.model.stop_training:
                break
            callbacks.on_train_batch_begin(step)
            logs = self.steps.train(iterator)
            position = Position(start.epoch, step + 1)
            loss = float(logs["loss"])
            if not math.isfinite(loss):
                raise NotFinite(position, loss)
            callbacks.on_train_batch_end(step, logs)
            watch.step_done(position, logs)
        batches.left_at(position)
        values = self._values()
        if self.bundle.validation is not None:
            measured = self._measure(callbacks, watch, position)
            values |= {f"val_{name}": value for name, value in measured.items()}
        callbacks.on_epoch_end(start.epoch, values)
        return values

    def _measure(
        self, callbacks: keras.callbacks.CallbackList, watch: Watch, position: Position
    ) -> Values:
        assert self.bundle.validation is not None
        watch.validating(position, 0)
        self.model.reset_metrics()
        callbacks.on_test_begin()
        batches = iter(self._validation)
        for step in range(self.bundle.validation.steps):
            if step:
                watch.validating(position, step)
            callbacks.on_test_batch_begin(step)
            callbacks.on_test_batch_end(step, self.steps.test(batches))
        values = self._values()
        callbacks.on_test_end(values)
        return values

    @cached_property
    def _validation(self) -> Any:
        """The validation pipeline, which is the same in every epoch: made once, it is quicker."""
        assert self.fed.validation is not None
        return self.steps.batches(self.fed.validation, self.measured)

    def _values(self) -> Values:
        result = self.steps.values()
        return {name: float(value) for name, value in result.items() if not _is_nested(value)}


class _Batches:
    """The training batches of a run, read ahead from one epoch into the next.

    One pipeline serves the whole run: to make one takes tens of milliseconds, and a thousand of
    them leave holes in the memory.
    """

    def __init__(self, execution: Execution, epochs: int) -> None:
        self._execution = execution
        self._epochs = epochs
        self._iterator: Any = None
        self._next: Position | None = None

    def at(self, position: Position) -> Any:
        """The iterator whose next batch is that of this position."""
        if position != self._next:
            execution, epochs = self._execution, self._epochs - position.epoch
            what = execution.fed.train, execution.training
            where = position.epoch, position.step, epochs
            self._iterator = iter(execution.steps.batches(*what, *where))
        return self._iterator

    def left_at(self, position: Position) -> None:
        """Remembers how far was read; a callback may end an epoch early, and go on with another."""
        whole = position.step == self._execution.bundle.train.steps
        self._next = Position(position.epoch + 1) if whole else position


def _symbol(spec: Any) -> Any:
    return keras.KerasTensor(tuple(spec.shape), spec.dtype.name)


def _is_nested(value: Any) -> bool:
    # F1Score without an average is a vector: it has no place in a table of numbers.
    return len(getattr(value, "shape", ())) > 0
