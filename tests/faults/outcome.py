"""What a run came to, to the last bit, without what may differ: times, processes, places."""

from __future__ import annotations

import hashlib
import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from modelforge.runs import RunFolder

# What `state.json` says that two equal runs say in the same words.
_STATE = ("state", "epochs", "planned_epochs", "monitor", "best_epoch", "best", "final")


def outcome(folder: Path) -> dict[str, Any]:
    """Digests and values by what they are of; two equal runs give two equal outcomes."""
    state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = {"history": history(folder)}
    found |= {f"state: {name}": state[name] for name in (*_STATE, "restored_epoch")}
    found["left over"] = sorted(path.name for path in folder.rglob(".*"))
    for path in sorted(folder.glob("[!.]*.keras")):
        found |= {f"{path.name}: {name}": it for name, it in _weights(path).items()}
    checkpoint = max(RunFolder(folder).checkpoints.glob("[0-9]*"))
    found["checkpoint"] = checkpoint.name
    found |= {f"checkpoint: {name}": it for name, it in _arrays(checkpoint).items()}
    for path in sorted(folder.glob("*.csv")):  # of CSVLogger; the history's has seconds
        if path.name != "history.csv":
            found[path.name] = path.read_text(encoding="utf-8")
    return found


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """What two outcomes differ in, in words that fit into a message."""
    names = sorted(one.keys() | other.keys())
    return [
        f"{name}: {str(one.get(name))[:300]} is not {str(other.get(name))[:300]}"
        for name in names
        if one.get(name) != other.get(name)
    ]


def history(folder: Path) -> list[dict[str, Any]]:
    """The rows of `history.jsonl` without the seconds."""
    lines = (folder / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return [{k: v for k, v in json.loads(line).items() if k != "seconds"} for line in lines]


def _weights(path: Path) -> dict[str, str]:
    """The digest of every array in a `.keras` file: weights and optimizer."""
    found: dict[str, str] = {}

    def note(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = _digest(np.asarray(item))

    with zipfile.ZipFile(path) as archive:
        content = archive.read("model.weights.h5")
    with h5py.File(BytesIO(content)) as file:
        file.visititems(note)
    assert found, f"{path} holds no weights"
    return found


def _arrays(path: Path) -> dict[str, str]:
    """The digest of every array in a checkpoint; what is beside them holds seconds and dates."""
    with np.load(path, allow_pickle=False) as archive:
        return {name: _digest(archive[name]) for name in archive.files if name != "about"}


def _digest(array: np.ndarray) -> str:
    # By bits: NaN equals NaN, and 0.0 is not -0.0.
    return f"{array.dtype} {array.shape} {hashlib.sha256(array.tobytes()).hexdigest()[:16]}"
