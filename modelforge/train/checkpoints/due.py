"""When a checkpoint is due: after so many epochs, steps or seconds, whichever comes first."""

from __future__ import annotations

import time

from modelforge.spec import Checkpointing


class Due:
    """Counts from the last checkpoint, so that a resumed run writes them where it would have."""

    def __init__(self, asked: Checkpointing) -> None:
        self._asked = asked
        self._steps = self._epochs = 0
        self._since = time.monotonic()  # a clock that nobody can set

    def step(self) -> bool:
        """Counts a step; whether one is due."""
        self._steps += 1
        return self._now()

    def epoch(self) -> bool:
        """Counts an epoch; whether one is due."""
        self._epochs += 1
        return self._now() or 0 < (self._asked.every_epochs or 0) <= self._epochs

    def saved(self) -> None:
        """One was written."""
        self._steps = self._epochs = 0
        self._since = time.monotonic()

    def _now(self) -> bool:
        steps, seconds = self._asked.every_steps, self._asked.every_seconds
        return bool(
            (steps and self._steps >= steps)
            or (seconds and time.monotonic() - self._since >= seconds)
        )
