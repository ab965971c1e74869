"""How large the process of a long run is, as seen from outside."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from faults.warm import start

# A checkpoint after every step would only make the run take longer.
_SELDOM = ["--set", "train.checkpoint={every_epochs: 20}"]


def sizes(spec: Path, folder: Path, marks: Sequence[int]) -> dict[int, float]:
    """The memory (RSS, MiB) of a run of so many epochs as the last mark says, at each mark."""
    asked = ["--set", f"train.epochs={marks[-1] + 1}", *_SELDOM]
    command = start(["train", spec, "--run", folder, *asked], folder.with_suffix(".log"))
    found: dict[int, float] = {}
    for mark in marks:
        while _epochs(folder) < mark:
            assert command.running, command.said
            time.sleep(0.02)
        found[mark] = _resident(command.process.pid or 0)
    assert command.wait() == 0, command.said
    return found


def _epochs(folder: Path) -> int:
    try:
        return (folder / "history.jsonl").read_bytes().count(b"\n")
    except OSError:
        return 0


def _resident(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(process)
