"""A run that is killed at random moments, resumed each time, and compared with one that was not."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from faults import warm
from faults.outcome import differences, outcome


@dataclass
class Reference:
    """A run that nobody disturbed: what it came to, and how long its parts took, in seconds."""

    spec: Path
    outcome: dict[str, object]
    preparing: float
    training: float


@dataclass
class Trial:
    """A run that was killed. moments: what it was doing each time; wrong: what came out other."""

    spec: Path
    folder: Path
    moments: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def undisturbed(spec: Path, folder: Path) -> Reference:
    """Trains the spec once, without a kill."""
    begun = time.monotonic()
    command = warm.start(["train", spec, "--run", folder], folder.with_suffix(".log"))
    _wait_for_steps(command, folder)
    stepping = time.monotonic()
    assert command.wait() == 0, command.said
    return Reference(spec, outcome(folder), stepping - begun, time.monotonic() - stepping)


def killed(reference: Reference, folder: Path, kills: int, draw: random.Random) -> Trial:
    """Trains the spec, with up to so many kills, then resumes it to its end."""
    trial = Trial(reference.spec, folder)
    for _ in range(kills):
        command = warm.start(_arguments(trial), _log(trial))
        if not _kill(command, trial, reference, draw):
            break
    else:
        code, said = warm.run(_arguments(trial), _log(trial))
        if code:
            trial.wrong.append(f"exit code {code}: {said[-2000:]}")
    if not trial.wrong:
        trial.wrong += differences(outcome(folder), reference.outcome)
    return trial


def _arguments(trial: Trial) -> Sequence[object]:
    """Resumes where there is a run; what was killed before it was one is begun anew."""
    if (trial.folder / "state.json").exists():
        return ["train", "--resume", trial.folder]
    shutil.rmtree(trial.folder, ignore_errors=True)
    return ["train", trial.spec, "--run", trial.folder]


def _kill(command: warm.Command, trial: Trial, reference: Reference, draw: random.Random) -> bool:
    """Kills the command at a moment of its life; False where it had ended before."""
    if draw.random() < 0.2:
        time.sleep(draw.random() * reference.preparing)
    else:
        _wait_for_steps(command, trial.folder)
        time.sleep(draw.random() * reference.training * 0.8)  # a resumed run has less to do
    moment = _moment(trial.folder)
    code = command.kill()
    if code == -9:
        trial.moments.append(moment)
        return True
    if code:
        trial.wrong.append(f"exit code {code}: {command.said[-2000:]}")
    return False


def _wait_for_steps(command: warm.Command, folder: Path) -> None:
    """Until `state.json` says that this process trains."""
    while command.running:
        if _state(folder).get("pid") == command.process.pid:
            return
        time.sleep(0.002)


def _state(folder: Path) -> dict[str, object]:
    try:
        value = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _moment(folder: Path) -> str:
    """Where a run stands, as its folder tells."""
    if not _state(folder):
        return "before the run"
    if any(folder.rglob("*.part*")):
        return "while writing"
    if not any((folder / "checkpoints").glob("[0-9]*")):
        return "before a checkpoint"
    return "after the last epoch" if (folder / "final.keras").exists() else "between two"


def _log(trial: Trial) -> Path:
    return trial.folder.with_suffix(".log")
