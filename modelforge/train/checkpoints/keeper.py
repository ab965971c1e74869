"""Takes a run's snapshots and puts them back; only the chief of several workers writes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from modelforge.runs.files import no_room, remove_parts
from modelforge.train.checkpoints.callbacks import CallbackStates
from modelforge.train.checkpoints.names import METRICS, named_variables
from modelforge.train.checkpoints.snapshot import Snapshot
from modelforge.train.checkpoints.store import (
    Checkpoints,
    Damaged,
    read_snapshot,
    write_snapshot,
)
from modelforge.train.checkpoints.variables import not_finite, put_variables, read_variables
from modelforge.train.execute import NotFinite
from modelforge.train.position import Position
from modelforge.train.reproducible import random_state, set_random_state
from modelforge.train.strategy import Placement


@dataclass
class Keeper:
    """The model of a run and everything beside it that a checkpoint holds.

    batch: the global batch size; size: the samples of an epoch.
    callbacks: None until they are made. held: the best of a phase, by its number, where this
    worker does not write it down.
    """

    model: keras.Model
    placement: Placement
    checkpoints: Checkpoints
    fingerprint: Mapping[str, Any]
    batch: int
    size: int
    callbacks: CallbackStates | None = None
    say: Callable[[str], None] = print
    held: tuple[int, Snapshot] | None = None

    def read(self, position: Position) -> dict[str, np.ndarray]:
        """Every variable; NotFinite where weights are not, for such a model is worth nothing."""
        variables = read_variables(self.model, self.placement)
        bad = not_finite(variables)
        if bad:
            raise NotFinite(position, float("nan"), bad)
        return variables

    def metrics(self) -> dict[str, np.ndarray]:
        """The running sums alone, which a validation is about to overwrite."""
        return read_variables(self.model, self.placement, METRICS)

    def take(
        self, position: Position, variables: Mapping[str, np.ndarray], recorder: Mapping[str, Any]
    ) -> Snapshot:
        """The run as it is now; variables: as `read` gave them."""
        state = {
            "callbacks": self.callbacks.get() if self.callbacks else {},
            "recorder": dict(recorder),
            "random": random_state(),
            "stopping": bool(self.model.stop_training),
        }
        sample = min(position.step * self.batch, self.size)
        return Snapshot(position, sample, variables, state, self.fingerprint)

    def save(self, snapshot: Snapshot) -> str:
        """Writes it; on a full disk once more, after leftovers were removed. Gives its name."""
        if not self.placement.chief:
            return ""
        try:
            return self.checkpoints.save(snapshot).name
        except OSError as error:
            if not no_room(error):
                raise
            self.say("the disk is full: the last checkpoint is kept; trying once more")
            remove_parts(self.checkpoints.folder.parent)
            return self.checkpoints.save(snapshot).name

    def save_best(
        self, phase: int, position: Position, variables: Mapping[str, np.ndarray]
    ) -> None:
        """Keeps the variables of a phase's best epoch, in the place of those of an earlier epoch.

        Those of the phase before may still be needed: the newest checkpoint may be at its end.
        """
        snapshot = Snapshot(position, 0, variables, {}, {})
        if not self.placement.chief:  # it may have no part in the folder of a new run
            self.held = (phase, snapshot)
            return
        write_snapshot(self.best(phase), snapshot)
        for earlier in range(phase - 1):
            self.best(earlier).unlink(missing_ok=True)

    def read_best(self, phase: int) -> Snapshot | None:
        """What `save_best` has kept; None where it is lost or damaged."""
        if self.held is not None and self.held[0] == phase:
            return self.held[1]
        try:
            return read_snapshot(self.best(phase))
        except Damaged:
            return None

    def best(self, phase: int) -> Path:
        """Where the best of a phase lies, with which the next one may begin."""
        return self.checkpoints.folder / f"best-of-phase-{phase + 1}.npz"

    def put(self, snapshot: Snapshot) -> None:
        """Puts everything back, once `on_train_begin` is over."""
        self.put_variables(snapshot)
        if self.callbacks is not None:
            self.callbacks.put(snapshot.state["callbacks"])
        self.model.stop_training = snapshot.state["stopping"]
        set_random_state(snapshot.state["random"])

    def put_variables(self, snapshot: Snapshot) -> None:
        """Puts the variables back alone."""
        put_variables(self.model, snapshot.variables, snapshot.path)

    def bytes_needed(self) -> int:
        """About how large a checkpoint will be."""
        variables = named_variables(self.model).values()
        return sum(math.prod(it.shape) * tf.as_dtype(it.dtype).size for it in variables)


def moved(snapshot: Snapshot, batch: int) -> Snapshot:
    """The snapshot with its position counted in batches of that size."""
    if not snapshot.position.step:
        return snapshot
    step = -(-snapshot.sample // batch)
    return replace(snapshot, position=Position(snapshot.position.epoch, step))
