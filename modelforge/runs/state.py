"""How a run stands: `state.json`, the one file that says whether a run may be believed."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from modelforge.runs.forms import state_misfit

Standing = Literal["running", "finished", "interrupted", "failed"]

SCHEMA_VERSION = 1
ALL_PHASES, LAST_PHASE = "all phases", "last phase"
_OF_PHASES = ("phases", "best_of")


@dataclass(frozen=True, slots=True)
class RunState:
    """What `state.json` holds.

    reason: why it was interrupted or failed, one sentence; empty for the other two.
    epochs, planned_epochs: how many are done, and how many were asked for.
    monitor: the value by which `best.keras` was chosen; best_epoch counts from 1.
    best, final: the values of the best and of the last epoch, by their Keras names.
    checkpoint: the newest one's file; empty as long as there is none.
    restores: how often the run went back to a checkpoint because its loss was no number.
    restored_epoch: the epoch whose weights `final.keras` holds where EarlyStopping took them back.
    phases: those that have begun, in their order; each has its `name`, how many epochs of the run
        lie before it (`before`), how many it has done (`epochs`), its `best_epoch` and the values
        of that one (`best`). Empty in a run without phases, as is
    best_of: among which epochs the best was chosen: ALL_PHASES, or LAST_PHASE where the losses of
        the phases cannot be compared.
    """

    state: Standing
    reason: str = ""
    started: str = ""
    ended: str = ""
    epochs: int = 0
    planned_epochs: int = 0
    monitor: str = "loss"
    best_epoch: int | None = None
    best: Mapping[str, float] = field(default_factory=dict)
    final: Mapping[str, float] = field(default_factory=dict)
    restored_epoch: int | None = None
    seconds: float = 0.0
    checkpoint: str = ""
    restores: int = 0
    phases: Sequence[Mapping[str, Any]] = ()
    best_of: str = ""
    pid: int = field(default_factory=os.getpid)
    host: str = field(default_factory=socket.gethostname)

    def phase_of(self, epoch: int) -> str:
        """The name of the phase that an epoch belongs to; empty in a run without phases."""
        names = [str(it["name"]) for it in self.phases if it["before"] < epoch]
        return names[-1] if names else ""

    @property
    def best_value(self) -> float | None:
        """The monitored value of the best epoch."""
        return self.best.get(self.monitor)

    @property
    def alive(self) -> bool:
        """Whether the process that runs it still exists, as far as this machine can tell."""
        if self.state != "running" or self.host != socket.gethostname():
            return self.state == "running"
        return self.pid == os.getpid() or process_exists(self.pid)


def to_json(state: RunState) -> dict[str, Any]:
    """The state as plain values."""
    values = {"schema_version": SCHEMA_VERSION, **asdict(state)}
    return {key: it for key, it in values.items() if key not in _OF_PHASES or state.phases}


def from_json(value: Any) -> RunState | None:
    """The state that `to_json` gave; None for anything else. Unknown keys are left out."""
    if state_misfit(value):
        return None
    known = {item.name for item in fields(RunState)}
    return RunState(**{key: item for key, item in value.items() if key in known})


def process_exists(pid: int) -> bool:
    """Whether this machine has a process of that number, be it somebody else's."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):  # a number that no process can have
        return False
    except OSError:  # it is somebody else's
        return True
    return True
