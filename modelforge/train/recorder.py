"""What is kept of a run while it trains: history, events, the best model, checkpoints, state."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import keras

from modelforge.runs import History, RunFolder, RunState
from modelforge.runs.files import write_whole
from modelforge.train.checkpoint import Checkpoints
from modelforge.train.events import Events
from modelforge.train.execute import Values
from modelforge.train.position import Position
from modelforge.train.progress import EpochDone, Reporter
from modelforge.train.stop import StopRequest


class StopNow(Exception):
    """A stop was asked for, and the step is done."""

    def __init__(self, position: Position) -> None:
        super().__init__(str(position))
        self.position = position


class Recorder:
    """Looks on while a model is trained into a run folder."""

    def __init__(
        self, model: keras.Model, folder: RunFolder, state: RunState, reporter: Reporter
    ) -> None:
        self.model = model
        self.folder = folder
        self.state = state
        self.checkpoints = Checkpoints(folder.checkpoints)
        self.stop: StopRequest | None = None
        self._reporter = reporter
        self._history = History(folder.path)
        self._events = Events(folder.events)
        self._began = time.monotonic()
        self._earlier = state.seconds
        self._epoch_began = self._began

    def begin(self, start: Position) -> None:
        """Takes up the history of a resumed run, up to where it goes on."""
        self._history = History.open(self.folder.path, before_epoch=start.epoch + 1)
        self.state = replace(self.state, epochs=start.epoch)

    def step_done(self, position: Position, logs: Mapping[str, Any]) -> None:
        """Tells of the step; raises StopNow where a stop was asked for."""
        self._reporter.step(position, logs)
        if self.stop is not None and self.stop.name:
            raise StopNow(position)

    def epoch_done(self, epochs: int, values: Values) -> None:
        """Keeps everything of an epoch; raises StopNow where a stop was asked for."""
        values = values | self._rate()
        took = time.monotonic() - self._epoch_began
        self._history.add({"epoch": epochs, **values, "seconds": round(took, 3)})
        self._events.add(epochs, values)
        better = self._judge(epochs, values)
        self.checkpoints.save(self.model, Position(epochs))
        self._set(epochs=epochs, final=values)
        self._tell(epochs, values, took, better)
        self._epoch_began = time.monotonic()
        if self.stop is not None and self.stop.name:
            raise StopNow(Position(epochs))

    def finish(self, **changes: Any) -> None:
        """Closes the files and writes the last state."""
        self._events.close()
        self._set(**changes)

    def say(self, line: str) -> None:
        """Tells people, and the log."""
        self._reporter.note(line)
        self.folder.say(line)

    def _judge(self, epochs: int, values: Values) -> bool:
        """Keeps the model if it is the best so far."""
        value, best = values[self.state.monitor], self.state.best_value
        if not math.isfinite(value) or (best is not None and value >= best):
            return False
        save_model(self.model, self.folder.best)
        self.state = replace(self.state, best_epoch=epochs, best=dict(values))
        return True

    def _rate(self) -> Values:
        """The learning rate; some optimizers have none that could be told (MultiOptimizer)."""
        try:
            return {"learning_rate": float(self.model.optimizer.learning_rate)}
        except (AttributeError, TypeError, ValueError):
            return {}

    def _set(self, **changes: Any) -> None:
        seconds = self._earlier + time.monotonic() - self._began
        self.state = replace(self.state, seconds=round(seconds, 3), **changes)
        self.folder.set_state(self.state)

    def _tell(self, epochs: int, values: Values, took: float, better: bool) -> None:
        shown = {name: value for name, value in values.items() if name != "learning_rate"}
        done = EpochDone(epochs, self.state.planned_epochs, shown, took, better)
        self._reporter.epoch(done)
        self.folder.say(str(done))


def save_model(model: keras.Model, path: Any) -> None:
    """Saves a model as `.keras`, whole or not at all."""
    write_whole(path, lambda temporary: model.save(temporary))
