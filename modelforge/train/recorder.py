"""What is kept of a run while it trains: history, events, the best model, checkpoints, state."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from modelforge.build.freezing import as_trained
from modelforge.runs import History, RunFolder, RunState
from modelforge.runs.files import no_room, write_whole
from modelforge.train import phases, private
from modelforge.train.checkpoints import Snapshot
from modelforge.train.checkpoints.due import Due
from modelforge.train.checkpoints.keeper import Keeper
from modelforge.train.events import Events
from modelforge.train.execute import Values
from modelforge.train.position import Position
from modelforge.train.progress import EpochDone, Reporter
from modelforge.train.stage import Stage
from modelforge.train.stop import StopRequest

_GO_ON, _SAVE, _STOP = range(3)
# Of the state, in a checkpoint.
_KEPT = ("epochs", "best_epoch", "best", "final", "restores", "phases")


class StopNow(Exception):
    """A stop was asked for, the step is done, and everything is saved."""

    def __init__(self, position: Position) -> None:
        super().__init__(str(position))
        self.position = position


class Recorder:
    """Looks on while a model is trained into a run folder.

    folder: of the worker that is not the chief a folder of its own, which nobody keeps: Keras's
    `save` has to be called by all workers, and only the chief's may land in the run.
    stages: the phases of the run. agree: makes one number, the largest, of what each worker wants;
    all workers have to call it.
    """

    def __init__(
        self,
        keeper: Keeper,
        folder: RunFolder,
        state: RunState,
        reporter: Reporter,
        due: Due,
        stages: Sequence[Stage],
        agree: Callable[[int], int] = int,
    ) -> None:
        self.keeper = keeper
        self.model = keeper.model
        self.folder = folder
        self.state = state
        self.stop: StopRequest | None = None
        self.went_back_to: Position | None = None
        self.agree = agree
        # Whether the phase that runs is fed with features; before: as the checkpoint says it.
        self.features: bool | None = None
        self.features_before: bool | None = None
        self._stages = stages
        self._reporter = reporter
        self._due = due
        self._history = History(folder.path)
        self._events = Events(folder.events)
        self._began = self._epoch_began = time.monotonic()
        self._earlier = state.seconds
        self._snapshot: Snapshot | None = None
        self._best_digest = self._digest_of_phase = ""
        self._sums: dict[str, np.ndarray] = {}
        self._troubled: set[str] = set()

    @property
    def stage(self) -> Stage:
        """The phase that runs."""
        return self._stages[phases.current(self.state)]

    @property
    def ends(self) -> int:
        """After how many epochs of the run the phase is over that runs."""
        return phases.end_of(self.state, self._stages)

    def forget(self) -> None:
        """The run begins; an earlier process may have ended in it before its first checkpoint."""
        nothing = RunState("running")
        self.state = replace(self.state, **{name: getattr(nothing, name) for name in _KEPT})

    def begin_phase(self, number: int) -> None:
        """A phase begins, after all epochs that are done."""
        self.state = phases.begun(self.state, self._stages, number)
        self._digest_of_phase = ""
        self.features = self.features_before = None
        self._serve()

    def resume_from(self, snapshot: Snapshot) -> None:
        """Takes up a run where a checkpoint left it; the model and callbacks follow in `begun`."""
        self._snapshot = snapshot
        kept = snapshot.state["recorder"]
        self._history = History(self.folder.path, kept["rows"])
        self._take_up({name: kept[name] for name in _KEPT if name in kept})
        self._earlier, self._began = kept["seconds"], time.monotonic()
        self._due.saved()
        self._best_digest = kept["best_digest"]
        if self.state.best_epoch is not None and _digest(self.folder.best) != self._best_digest:
            # Written after the checkpoint by what is now done again, or lost.
            self.say("best.keras is not that of the checkpoint: the best is chosen anew from here")
            self.state = replace(self.state, best_epoch=None, best={})
        self._digest_of_phase = kept.get("digest_of_phase", "")
        self.features = self.features_before = kept.get("features")
        if (
            self._digest_of_phase
            and _digest(self.keeper.best(self.stage.number)) != self._digest_of_phase
        ):
            self.say("the best of the phase is not that of the checkpoint: it is chosen anew, too")
            self.state = phases.forgotten(self.state)
        with self._logging("history"):
            self._history.write()
        with self._logging("events"):
            self._events.begin_again(self._history.rows)

    def begun(self) -> bool:
        """Puts the checkpoint into model and callbacks, once these have begun."""
        if self._snapshot is None:
            return False
        self.keeper.put(self._snapshot)
        self._snapshot = None  # the arrays take as much memory as the model
        return True

    def step_done(self, position: Position, logs: Mapping[str, Any]) -> None:
        """Tells of the step and saves where it is time; raises StopNow where that was asked for."""
        self._reporter.step(position, logs)
        # A checkpoint that is due after an epoch's last step waits for the end of the epoch.
        due = self._due.step() and position.step * self.keeper.batch < self.keeper.size
        self._act(position, due)

    def validating(self, position: Position, step: int) -> None:
        """Keeps the sums of the epoch before a validation; raises StopNow during one."""
        if not step:
            self._sums = self.keeper.metrics()
        elif self._wish(False) == _STOP:
            # Validation is done again from its beginning, by the model after the epoch's steps.
            self.save(position, {**self.keeper.read(position), **self._sums})
            raise StopNow(position)

    def epoch_done(self, epochs: int, values: Values) -> None:
        """Keeps everything of an epoch; raises StopNow where a stop was asked for."""
        values = values | self._rate()
        took = time.monotonic() - self._epoch_began
        position = Position(epochs)
        better = self._is_better(values, self.state.best)
        of_phase = better
        if self.state.phases:
            of_phase = self._is_better(values, phases.best_of_phase(self.state))
        wish = self._wish(self._due.epoch() or epochs >= self.ends or self.model.stop_training)
        handed = of_phase and self._hands_over
        variables = self.keeper.read(position) if better or handed or wish else {}
        phase = {"phase": self.stage.name} if self.stage.name else {}
        self._history.add({"epoch": epochs, **phase, **values, "seconds": round(took, 3)})
        self.state = replace(self.state, epochs=epochs, final=dict(values))
        self.state = phases.noted(self.state, epochs, values if of_phase else {})
        if better:
            self._keep_best(epochs, values)
        if handed:
            self.keeper.save_best(self.stage.number, position, variables)
            self._digest_of_phase = _digest(self.keeper.best(self.stage.number))
        if wish:
            self.save(position, variables)
        with self._logging("history"):
            self._history.write()
        with self._logging("events"):
            self._events.add(epochs, values)
        self._set()
        self._tell(epochs, values, took, better)
        self._epoch_began = time.monotonic()
        if wish == _STOP:
            raise StopNow(position)

    def save(self, position: Position, variables: Mapping[str, np.ndarray] | None = None) -> None:
        """Writes a checkpoint; the first one is told in `state.json` at once."""
        if variables is None:
            variables = self.keeper.read(position)
        kept = {
            **{name: getattr(self.state, name) for name in _KEPT},
            "best": dict(self.state.best),
            "rows": [dict(row) for row in self._history.rows],
            "seconds": self._seconds(),
            "best_digest": self._best_digest,
            "digest_of_phase": self._digest_of_phase,
            "features": self.features,
        }
        first = not self.state.checkpoint
        name = self.keeper.save(self.keeper.take(position, variables, kept))
        self._due.saved()
        self.state = replace(self.state, checkpoint=name)
        if first:
            self._set()

    def finish(self, **changes: Any) -> None:
        """Closes the files and writes the last state."""
        with self._logging("events"):
            self._events.close()
        self._set(**changes)

    def say(self, line: str) -> None:
        """Tells people, and the log."""
        self._reporter.note(line)
        self._log(line)

    def _act(self, position: Position, due: bool) -> None:
        wish = self._wish(due)
        if wish:
            self.save(position)
        if wish == _STOP:
            raise StopNow(position)

    def _wish(self, due: bool) -> int:
        """What is to be done now; every worker comes to the same."""
        stopping = self.stop is not None and bool(self.stop.name)
        return self.agree(_STOP if stopping else _SAVE if due else _GO_ON)

    def _is_better(self, values: Values, best: Mapping[str, float]) -> bool:
        monitor = self.state.monitor
        # To save a model takes all workers, and only the chief's file may have been lost.
        return bool(self.agree(int(phases.is_better(values[monitor], best, monitor))))

    @property
    def _hands_over(self) -> bool:
        """Whether a phase may begin with the best weights of this one: the last may get another."""
        following = self._stages[phases.current(self.state) + 1 :]
        return bool(self.state.phases) and all(it.phase.start == "best" for it in following[:1])

    def _take_up(self, kept: Mapping[str, Any]) -> None:
        """The state of a checkpoint, which may be of a run that had no phases yet."""
        self.state = replace(self.state, **kept)
        if not self.state.phases:
            self.state = phases.adopted(self.state, self._stages)
        self.state = phases.planned(self.state, self._stages)
        self._serve()

    def _serve(self) -> None:
        """A phase may have batches of its own size."""
        split = self.stage.bundle.train
        self.keeper.batch, self.keeper.size = split.batch_size, split.size

    def _keep_best(self, epochs: int, values: Values) -> None:
        save_model(self.model, self.folder.best)
        self._best_digest = _digest(self.folder.best)
        self.state = replace(self.state, best_epoch=epochs, best=dict(values))

    def _rate(self) -> Values:
        """The learning rate; some optimizers have none that could be told (MultiOptimizer)."""
        try:
            # `float` alone does not read a variable of several workers.
            rate = keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)
            return {"learning_rate": float(rate)}
        except (AttributeError, TypeError, ValueError):
            return {}

    def _seconds(self) -> float:
        return round(self._earlier + time.monotonic() - self._began, 3)

    def _set(self, **changes: Any) -> None:
        self.state = replace(self.state, seconds=self._seconds(), **changes)
        with self._logging("state.json"):
            self.folder.set_state(self.state)

    def _log(self, line: str) -> None:
        with self._logging("log.txt"):
            self.folder.say(line)

    @contextlib.contextmanager
    def _logging(self, what: str) -> Iterator[None]:
        """What only tells of a run does not end it: on a full disk it is left out, and said once.

        History and state are in every checkpoint, and are written again with the next epoch.
        """
        try:
            yield
        except (OSError, tf.errors.ResourceExhaustedError) as error:
            if isinstance(error, OSError) and not no_room(error):
                raise
            if what not in self._troubled:
                self._troubled.add(what)
                self._reporter.note(f"the disk is full: {what} cannot be written; training goes on")

    def _tell(self, epochs: int, values: Values, took: float, better: bool) -> None:
        shown = {name: value for name, value in values.items() if name != "learning_rate"}
        planned, phase = self.state.planned_epochs, self.stage.name
        done = EpochDone(epochs, planned, shown, took, better, phase)
        self._reporter.epoch(done)
        self._log(str(done))


def save_model(model: keras.Model, path: Any) -> None:
    """Saves a model as `.keras`, whole or not at all."""
    private.keep_answers()
    with as_trained(model):
        write_whole(path, lambda temporary: model.save(temporary))


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
