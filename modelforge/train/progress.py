"""Progress of training on standard error: a bar on a terminal, plain lines in a pipe."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from modelforge.train.columns import Columns
from modelforge.train.position import Position

_EVERY = 10.0  # seconds between two lines of a long epoch in a pipe
_REDRAW = 0.1  # seconds between two readings of the metrics on a terminal


@dataclass(frozen=True)
class EpochDone:
    """An epoch that is done, of so many; best: whether its model is the best so far.

    phase: the name of the phase that it belongs to; empty in a run without phases.
    """

    epoch: int
    planned: int
    values: Mapping[str, float]
    seconds: float
    best: bool
    phase: str = ""

    def __str__(self) -> str:
        mark = "  (best)" if self.best else ""
        values = value_text(self.values)
        phase = f"  {self.phase}" if self.phase else ""
        return f"epoch {self.epoch}/{self.planned}{phase}  {values}  {self.seconds:.1f}s{mark}"


class Reporter(Protocol):
    """Tells people how training goes."""

    def begin(self, epochs: int, steps: int, start: Position) -> None:
        """Training begins, or its next phase: so many epochs in all, of so many steps."""

    def step(self, position: Position, logs: Mapping[str, Any]) -> None:
        """A step is done; the values in logs cost time to read."""

    def epoch(self, done: EpochDone) -> None:
        """An epoch is done."""

    def note(self, text: str) -> None:
        """Something happened."""

    def end(self) -> None:
        """Training is over, for whatever reason."""


class Silent:
    """Says nothing (`--quiet`)."""

    def begin(self, epochs: int, steps: int, start: Position) -> None:
        """Nothing."""

    def step(self, position: Position, logs: Mapping[str, Any]) -> None:
        """Nothing."""

    def epoch(self, done: EpochDone) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


class Lines:
    """One line per epoch, and one every ten seconds within a long epoch."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._epochs = self._steps = 0
        self._said = time.monotonic()

    def begin(self, epochs: int, steps: int, start: Position) -> None:
        """Starts the clock."""
        self._epochs, self._steps = epochs, steps
        self._said = time.monotonic()

    def step(self, position: Position, logs: Mapping[str, Any]) -> None:
        """A line if the last one is long ago."""
        if time.monotonic() - self._said > _EVERY:
            place = f"epoch {position.epoch + 1}/{self._epochs} step {position.step}/{self._steps}"
            self._say(f"{place}  {value_text(logs)}")

    def epoch(self, done: EpochDone) -> None:
        """The epoch's line."""
        self._say(str(done))

    def note(self, text: str) -> None:
        """A line."""
        self._say(text)

    def end(self) -> None:
        """Nothing is left to be done."""

    def _say(self, line: str) -> None:
        self._said = time.monotonic()
        print(line, file=self._stream, flush=True)


class Bar:
    """A table with a row for each epoch that is done, below it a bar for the one that runs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        wide = console.width >= 100
        self._progress = Progress(
            TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            BarColumn(bar_width=24 if wide else 12),
            TextColumn("{task.fields[step]}/{task.fields[steps]}"),
            TextColumn("{task.fields[values]}"),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
        )
        self._room = console.width - (74 if wide else 62)  # what the other columns leave
        self._task: Any = None
        self._columns: Columns | None = None
        self._named: tuple[str, ...] = ()
        self._steps = self._epochs = 1
        self._read = self._started = time.monotonic()
        self._first = 0

    def begin(self, epochs: int, steps: int, start: Position) -> None:
        """Shows the bar; its length is that of all epochs, so that it tells the time left."""
        self._steps, self._epochs = steps, epochs
        self._started = time.monotonic()
        self._first = start.epoch * steps + start.step
        fields: dict[str, Any] = {
            "epoch": start.epoch + 1,
            "epochs": epochs,
            "step": start.step,
            "steps": steps,
        }
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(
            "", total=epochs * steps, completed=self._first, values="", rate="", **fields
        )
        self._progress.start()

    def step(self, position: Position, logs: Mapping[str, Any]) -> None:
        """Moves the bar."""
        now = time.monotonic()
        if now - self._read < _REDRAW:
            return
        self._read = now
        done = position.epoch * self._steps + position.step
        rate = (done - self._first) / max(now - self._started, 1e-9)
        self._progress.update(
            self._task,
            completed=done,
            epoch=position.epoch + 1,
            step=position.step,
            values=value_text(logs, self._room),
            rate=f"{rate:.0f} steps/s" if rate >= 10 else f"{rate:.2g} steps/s",
        )

    def epoch(self, done: EpochDone) -> None:
        """The epoch's row, above the bar."""
        if self._columns is None or self._named != tuple(done.values):
            self._named = tuple(done.values)
            self._columns = Columns.fitting(tuple(done.values), done.planned, self._console.width)
            for line in self._columns.head():
                self._say(line, "bold")
        values = {name: number(value) for name, value in done.values.items()}
        tail = f"{done.seconds:6.1f}s" + ("  best" if done.best else "")
        row = self._columns.row(f"{done.epoch}/{done.planned}", values, tail)
        self._say(row, "green" if done.best else "")

    def note(self, text: str) -> None:
        """A line above the bar."""
        self._say(text, "dim")

    def end(self) -> None:
        """Takes the bar away."""
        self._progress.stop()

    def _say(self, line: str, style: str) -> None:
        self._console.print(line, style=style, highlight=False, markup=False, soft_wrap=True)


def reporter_for(stream: TextIO, *, quiet: bool) -> Reporter:
    """The reporter that suits the stream; rich itself heeds NO_COLOR."""
    if quiet:
        return Silent()
    console = Console(file=stream)
    return Bar(console) if console.is_terminal else Lines(stream)


def value_text(values: Mapping[str, Any], room: int = 10_000) -> str:
    """`loss 0.1234  accuracy 0.9876`; vectors, and what there is no room for, are left out."""
    told = ""
    for name, value in values.items():
        if len(getattr(value, "shape", ())) > 0:
            continue
        text = f"{name} {number(float(value))}"
        longer = f"{told}  {text}" if told else text
        if told and len(longer) > room:
            break
        told = longer
    return told


def number(value: float) -> str:
    """A number with four significant digits."""
    return f"{value:.4f}" if 0.001 <= abs(value) < 1000 or value == 0 else f"{value:.4g}"
