"""Ctrl-C and SIGTERM: the first asks for a stop after the step, the second leaves at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from modelforge.workers.signals import signal_name


class StopRequest:
    """A context in which the two signals are heard. name: the signal that asked, or empty."""

    def __init__(self, on_request: Callable[[str], None]) -> None:
        self.name = ""
        self._on_request = on_request
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopRequest:
        # Installed after the strategy is made: TensorFlow takes SIGTERM for itself with several
        # workers. Only the main thread may.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def ask(self, name: str) -> None:
        """Asks for a stop as a signal of that name would; a second time it changes nothing."""
        if not self.name:
            self.name = name
            self._on_request(name)

    def _heard(self, number: int, _: FrameType | None) -> None:
        if self.name:
            if sys.stderr.isatty():
                os.write(2, b"\x1b[?25h\n")  # the bar has hidden the cursor
            os._exit(128 + number)
        self.name = signal_name(number)
        self._on_request(self.name)
