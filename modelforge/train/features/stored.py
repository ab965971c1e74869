"""Features in files of the run folder: whole, checked, and those of this model and data only."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from modelforge.runs.files import read_json, write_json
from modelforge.train.features.compute import Rows

Arrays = dict[str, dict[str, np.ndarray]]


@dataclass(frozen=True)
class Stored:
    """The files of a phase. key: what the features depend on, all of it, as a digest."""

    folder: Path
    key: str

    def read(self) -> Arrays | None:
        """The features by split and name; None where others lie there, or damaged ones."""
        told = read_json(self._index)
        if not isinstance(told, dict) or told.get("key") != self.key:
            return None
        try:
            return {
                split: {name: self._opened(it) for name, it in files.items()}
                for split, files in told["splits"].items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, splits: Mapping[str, Iterable[Rows]]) -> Arrays:
        """Writes what comes, batch by batch; nothing is valid before all of it is there."""
        self.remove()
        self.folder.mkdir(parents=True)
        told = {split: self._write(split, rows) for split, rows in splits.items()}
        write_json(self._index, {"key": self.key, "splits": told})
        found = self.read()
        if found is None:
            raise OSError(f"{self.folder} does not hold what was written")
        return found

    def remove(self) -> None:
        """Takes the files away, whosever they are."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _index(self) -> Path:
        return self.folder / "features.json"

    def _write(self, split: str, rows: Iterable[Rows]) -> dict[str, Any]:
        """One file for each feature; gives what is needed to read it."""
        told: dict[str, Any] = {}
        with ExitStack() as stack:
            files: dict[str, Any] = {}
            digests: dict[str, Any] = {}
            for batch in rows:
                for number, (name, array) in enumerate(batch.items()):
                    if name not in files:
                        path = self.folder / f"{split}-{number}.bin"
                        files[name] = stack.enter_context(path.open("wb"))
                        digests[name] = hashlib.sha256()
                        told[name] = {"file": path.name, "shape": [0, *array.shape[1:]]}
                        told[name]["dtype"] = array.dtype.name
                    content = np.ascontiguousarray(array).tobytes()
                    files[name].write(content)
                    digests[name].update(content)
                    told[name]["shape"][0] += len(array)
            for name, file in files.items():
                file.flush()
                os.fsync(file.fileno())
                told[name]["sha256"] = digests[name].hexdigest()
        return told

    def _opened(self, told: Mapping[str, Any]) -> np.ndarray:
        path = self.folder / str(told["file"])
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != told["sha256"]:
                raise ValueError(path)
        dtype = tf.as_dtype(told["dtype"]).as_numpy_dtype
        return np.memmap(path, dtype=dtype, mode="r", shape=tuple(told["shape"]))


def key_of(*parts: Any) -> str:
    """A digest of plain values."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
