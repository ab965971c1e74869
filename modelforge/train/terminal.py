"""A terminal that goes away does not take the training with it."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from types import FrameType
from typing import Any, TextIO

from modelforge.train.position import Position
from modelforge.train.progress import EpochDone, Reporter, Silent


class Surviving:
    """A reporter that falls silent once its terminal or its pipe is gone (EPIPE, EIO, SIGHUP).

    Everything that is said is in `log.txt` as well. A context in which SIGHUP is heard, which
    otherwise would end the process.
    """

    def __init__(self, reporter: Reporter, log: Callable[[str], None]) -> None:
        self._reporter = reporter
        self._log = log
        self._before: Any = None
        self._gone = False

    def __enter__(self) -> Surviving:
        try:
            if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:  # else nohup has seen to it
                self._before = signal.signal(signal.SIGHUP, self._hung_up)
        except (AttributeError, ValueError):  # Windows has no SIGHUP; another thread may not
            pass
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGHUP, self._before)

    def begin(self, epochs: int, steps: int, start: Position) -> None:
        """Training begins."""
        self._tell(lambda it: it.begin(epochs, steps, start))

    def step(self, position: Position, logs: Mapping[str, Any]) -> None:
        """A step is done."""
        self._tell(lambda it: it.step(position, logs))

    def epoch(self, done: EpochDone) -> None:
        """An epoch is done."""
        self._tell(lambda it: it.epoch(done))

    def note(self, text: str) -> None:
        """Something happened."""
        self._tell(lambda it: it.note(text))

    def end(self) -> None:
        """Training is over."""
        self._tell(lambda it: it.end())

    def _tell(self, say: Callable[[Reporter], None]) -> None:
        try:
            say(self._reporter)
        except OSError as error:
            why = f"nothing can be shown any more ({error.strerror or error})"
            self._lost(why, [sys.stderr])

    def _hung_up(self, _: int, __: FrameType | None) -> None:
        streams = [stream for stream in (sys.stdout, sys.stderr) if stream.isatty()]
        self._lost("the terminal is gone", streams)

    def _lost(self, why: str, streams: Iterable[TextIO]) -> None:
        if self._gone:
            return
        self._gone, self._reporter = True, Silent()
        for stream in streams:
            _send_nowhere(stream)
        with contextlib.suppress(OSError):
            self._log(f"{why}; training goes on")


def _send_nowhere(stream: TextIO) -> None:
    """Python itself fails at its end where it cannot flush its streams."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(OSError, ValueError):  # a test's stream has no descriptor
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
