"""Ctrl-C and SIGTERM to the process that watches workers: the first asks, the second ends them."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any


def signal_name(number: int) -> str:
    """A signal as messages name it."""
    return "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name


class Signals:
    """A context in which the two are heard. name: the first one; second: the number of the next."""

    def __init__(self) -> None:
        self.name = ""
        self.second = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _heard(self, number: int, _: FrameType | None) -> None:
        if self.name:
            self.second = number
        else:
            self.name = signal_name(number)
