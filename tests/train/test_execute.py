"""The batches of a run come from one pipeline, whose next batch is always that of the step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import keras

from modelforge.data.replicas import Replicas
from modelforge.train import Prepared
from modelforge.train.position import Position
from train.conftest import Prepare


class Blind:
    """A watch that does not look."""

    def begun(self) -> bool:
        return False

    def step_done(self, position: Position, logs: Mapping[str, Any]) -> None:
        pass

    def validating(self, position: Position, step: int) -> None:
        pass

    def epoch_done(self, epochs: int, values: Mapping[str, float]) -> None:
        pass


class Short(keras.callbacks.Callback):
    """Ends the first epoch after three steps, and goes on with the next."""

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        self.model.stop_training = batch == 2 and not self.model.history.epoch

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self.model.stop_training = False


def _made(prepared: Prepared, start: Position, *callbacks: keras.callbacks.Callback) -> list[Any]:
    """Trains; the pipelines that were made for it, as (epoch, step, epochs)."""
    made = []
    execution = prepared.execution
    split = execution.bundle.train

    def make(epoch: int, first_step: int, replicas: Replicas | None, epochs: int) -> Any:
        made.append((epoch, first_step, epochs))
        return split.make(epoch, first_step, replicas, epochs)

    bundle = replace(execution.bundle, train=replace(split, make=make))
    listed = keras.callbacks.CallbackList(
        [*callbacks], add_history=True, model=prepared.model, epochs=prepared.epochs
    )
    replace(execution, bundle=bundle).run(listed, Blind(), start, prepared.epochs)
    return made


def test_a_run_makes_one_pipeline(prepare: Prepare) -> None:
    prepared = prepare()
    assert _made(prepared, Position(0)) == [(0, 0, 3)]
    assert int(prepared.model.optimizer.iterations.numpy()) == 3 * prepared.bundle.train.steps
    assert _made(prepared, Position(1, 2)) == [(1, 2, 2)]


def test_an_epoch_that_a_callback_ends_leaves_its_batches_unread(prepare: Prepare) -> None:
    prepared = prepare()
    assert _made(prepared, Position(0), Short()) == [(0, 0, 3), (1, 0, 2)]
    assert int(prepared.model.optimizer.iterations.numpy()) == 3 + 2 * prepared.bundle.train.steps
