"""What a checkpoint holds, apart from how it lies on the disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from modelforge.train.position import Position


@dataclass(frozen=True)
class Snapshot:
    """A run between two steps, after every callback of the first of them.

    variables: of model, optimizer and metrics, by name (see `names.py`).
    state: what is no variable: `callbacks`, `recorder` (history, best), `random`, `stopping`.
    fingerprint: what the run is and what it ran on (see `fingerprint.py`).
    sample: how many samples of the epoch are done. path: the file that it was read from.
    """

    position: Position
    sample: int
    variables: Mapping[str, np.ndarray]
    state: Mapping[str, Any]
    fingerprint: Mapping[str, Any]
    path: str = ""


def phase_of(snapshot: Snapshot) -> int:
    """The number of the phase that it was taken in, from 0."""
    return max(0, len(snapshot.state["recorder"].get("phases", ())) - 1)
