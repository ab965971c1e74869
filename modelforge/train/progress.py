"""Progress of training on standard error: a bar on a terminal, plain lines in a pipe."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from modelforge.train.position import Position

_EVERY = 10.0  # seconds between two lines of a long epoch in a pipe
_REDRAW = 0.1  # seconds between two readings of the metrics on a terminal


class Reporter(Protocol):
    """Tells people how training goes."""

    def begin(self, epochs: int, steps: int, start: Position) -> None:
        """Training begins: so many epochs of so many steps."""

    def step(self, position: Position, logs: Mapping[str, Any]) -> None:
        """A step is done; the values in logs cost time to read."""

    def epoch(self, line: str) -> None:
        """An epoch is done; the line tells its values."""

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

    def epoch(self, line: str) -> None:
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

    def epoch(self, line: str) -> None:
        """The epoch's line."""
        self._say(line)

    def note(self, text: str) -> None:
        """A line."""
        self._say(text)

    def end(self) -> None:
        """Nothing is left to be done."""

    def _say(self, line: str) -> None:
        self._said = time.monotonic()
        print(line, file=self._stream, flush=True)


class Bar:
    """A bar for the epoch that runs, above it a line for each that is done."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[step]}/{task.fields[steps]}"),
            TextColumn("{task.fields[values]}"),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
        )
        self._task: Any = None
        self._steps = 1
        self._read = self._started = time.monotonic()
        self._first = 0

    def begin(self, epochs: int, steps: int, start: Position) -> None:
        """Shows the bar; its length is that of all epochs, so that it tells the time left."""
        self._steps = steps
        self._started = time.monotonic()
        self._first = start.epoch * steps + start.step
        fields: dict[str, Any] = {
            "epoch": start.epoch + 1,
            "epochs": epochs,
            "step": start.step,
            "steps": steps,
        }
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
            values=value_text(logs),
            rate=f"{rate:.0f} steps/s" if rate >= 10 else f"{rate:.2g} steps/s",
        )

    def epoch(self, line: str) -> None:
        """The epoch's line, above the bar."""
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)

    def note(self, text: str) -> None:
        """A line above the bar."""
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    def end(self) -> None:
        """Takes the bar away."""
        self._progress.stop()


def reporter_for(stream: TextIO, *, quiet: bool) -> Reporter:
    """The reporter that suits the stream; rich itself heeds NO_COLOR."""
    if quiet:
        return Silent()
    console = Console(file=stream)
    return Bar(console) if console.is_terminal else Lines(stream)


def value_text(values: Mapping[str, Any]) -> str:
    """`loss 0.1234  accuracy 0.9876`; vectors are left out."""
    return "  ".join(
        f"{name} {number(float(value))}"
        for name, value in values.items()
        if len(getattr(value, "shape", ())) == 0
    )


def number(value: float) -> str:
    """A number with four significant digits."""
    return f"{value:.4f}" if 0.001 <= abs(value) < 1000 or value == 0 else f"{value:.4g}"
