"""What a run came to, to the last bit, without what may differ: times, processes, places."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from modelforge.runs import RunFolder

# What `state.json` says that two equal runs say in the same words.
_STATE = ("state", "epochs", "planned_epochs", "monitor", "best_epoch", "best", "final")

# What a checkpoint says that two equal runs may say in other words: `.keras` files hold dates.
_DIFFERS = ("seconds", "best_digest")


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
    found |= {f"checkpoint: {name}": it for name, it in _checkpoint(checkpoint).items()}
    for path in sorted(folder.glob("[!.]*.csv")):  # of CSVLogger; the history's has seconds
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


def _checkpoint(path: Path) -> dict[str, Any]:
    """The digest of every array in a checkpoint, and what stands beside them."""
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    about = json.loads(arrays.pop("about").tobytes())
    return {name: _digest(array) for name, array in arrays.items()} | dict(_leaves(about))


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value by where it stands; the checkpoint keeps dicts as lists of pairs."""
    if isinstance(value, dict) and "$dict" in value:
        value = {str(key): item for key, item in value["$dict"]}
    if isinstance(value, list):
        value = {str(number): item for number, item in enumerate(value)}
    if not isinstance(value, dict):
        yield path, value
        return
    for name, item in value.items():
        if name not in _DIFFERS:
            yield from _leaves(item, f"{path}.{name}")


def _digest(array: np.ndarray) -> str:
    # By bits: NaN equals NaN, and 0.0 is not -0.0.
    return f"{array.dtype} {array.shape} {hashlib.sha256(array.tobytes()).hexdigest()[:16]}"
