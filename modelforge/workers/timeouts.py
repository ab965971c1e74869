"""How long workers wait for one another, in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Timeouts:
    """The arguments of `MultiWorkerMirroredStrategy` that end in `_timeout`.

    start: for all workers to come. step: for the slowest step. heartbeat: for a word from a worker.
    """

    start: float = 60.0
    step: float = 300.0
    heartbeat: float = 15.0

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Timeouts:
        """What a spec says, and the defaults for the rest."""
        said = {item.name: arguments.get(f"{item.name}_timeout") for item in fields(cls)}
        return cls(**{name: float(value) for name, value in said.items() if value is not None})
