"""Checkpoints: every variable of a model and its optimizer, and where training stood.

Keras's own weight files hold neither the seeds of the random layers nor a checksum; these hold
both, in NumPy's zip format, written whole or not at all.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from modelforge.findings import refuse
from modelforge.runs.files import write_whole
from modelforge.train.position import Position

VERSION = 1
_KEPT = 2  # the newest, and one before it in case the newest turns out to be damaged


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of a run."""

    folder: Path

    def save(self, model: keras.Model, position: Position) -> Path:
        """Writes one, and removes those that are no longer needed."""
        path = self.folder / f"{position.epoch:06d}-{position.step:08d}.npz"
        write_whole(path, lambda temporary: _write(temporary, model, position))
        for old in self.paths()[:-_KEPT]:
            old.unlink(missing_ok=True)
        return path

    def restore(self, model: keras.Model, say: Callable[[str], None]) -> Position | None:
        """Puts the newest readable one into the model; None where there are none at all."""
        paths = self.paths()
        for path in reversed(paths):
            content = _read(path)
            if content is not None:
                return _put(content, model, path)
            say(f"the checkpoint {path} is damaged; trying the one before")
        if paths:
            raise refuse(
                "checkpoint-damaged",
                f"no checkpoint in `{self.folder}` can be read",
                notes=["the files are damaged; start the run anew"],
            )
        return None

    def paths(self) -> list[Path]:
        """The files, oldest first."""
        return sorted(self.folder.glob("[0-9]*.npz"))


def _variables(model: keras.Model) -> list[Any]:
    """Every variable once, always in the same order."""
    every = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    return list({id(variable): variable for variable in every}.values())


def _write(path: Path, model: keras.Model, position: Position) -> None:
    variables = _variables(model)
    arrays = [keras.ops.convert_to_numpy(variable) for variable in variables]
    about = {
        "version": VERSION,
        "epoch": position.epoch,
        "step": position.step,
        "variables": [[v.path, str(keras.backend.standardize_dtype(v.dtype))] for v in variables],
    }
    stored: dict[str, Any] = {f"v{i}": _storable(array) for i, array in enumerate(arrays)}
    with path.open("wb") as file:
        np.savez(file, about=np.array(json.dumps(about)), **stored)


def _read(path: Path) -> dict[str, Any] | None:
    """All of a file; None where it is damaged (every array has a checksum)."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return None


def _put(content: dict[str, Any], model: keras.Model, path: Path) -> Position:
    about = json.loads(str(content["about"]))
    variables = _variables(model)
    arrays = [content[f"v{i}"] for i in range(len(about["variables"]))]
    if not _same(variables, arrays):
        raise refuse(
            "checkpoint-mismatch",
            f"the checkpoint `{path}` belongs to another model or optimizer",
            notes=[
                f"it holds {len(arrays)} variables, the model of the spec has {len(variables)}",
                "resume with the spec of the run, or start a new run",
            ],
        )
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(_loaded(array, keras.backend.standardize_dtype(variable.dtype)))
    return Position(about["epoch"], about["step"])


def _same(variables: Sequence[Any], arrays: Sequence[np.ndarray]) -> bool:
    return len(variables) == len(arrays) and all(
        tuple(variable.shape) == array.shape
        for variable, array in zip(variables, arrays, strict=True)
    )


def _storable(array: np.ndarray) -> np.ndarray:
    # NumPy's format does not know bfloat16; its bits are kept as integers.
    return array.view(np.uint16) if array.dtype.name == "bfloat16" else array


def _loaded(array: np.ndarray, dtype: str) -> Any:
    if dtype == "bfloat16":
        import ml_dtypes

        return array.view(ml_dtypes.bfloat16)
    return array
