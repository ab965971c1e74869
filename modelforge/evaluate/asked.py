"""What a run is asked about: files become batches in the form in which its data was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import Any

import numpy as np

from modelforge.findings import Findings, did_you_mean

BATCH = 256


@dataclass(frozen=True, slots=True)
class Asked:
    """A batch of questions: a name for each, and the model's inputs by name."""

    names: Sequence[str]
    inputs: Mapping[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Questions:
    """Where to look, how the run's data was read, and whom to tell what cannot be read."""

    paths: Sequence[Path]
    manifest: Mapping[str, Any]
    findings: Findings

    @property
    def reading(self) -> Mapping[str, Any]:
        """How the run's data was read."""
        found: Mapping[str, Any] = self.manifest.get("reading", {})
        return found

    def existing(self) -> list[Path]:
        """The paths that exist; patterns (`new/*.jpg`) are found, what is not becomes a finding."""
        found = []
        for path in self.paths:
            if path.exists():
                found.append(path)
            elif has_magic(str(path)):  # a shell has left it to us: it was quoted, or on Windows
                matches = sorted(Path(name) for name in glob(str(path), recursive=True))
                found += matches
                if not matches:
                    self.findings.error("path-not-found", f"no file or folder is like `{path}`")
            else:
                self._missing(path)
        return found

    def unreadable(self, path: str | Path, why: str, *notes: str) -> None:
        """Says that one input cannot be read; the others still are."""
        self.findings.error("unreadable-input", f"`{path}` {why}", notes=notes)

    def _missing(self, path: Path) -> None:
        try:
            siblings = [entry.name for entry in path.parent.iterdir()]
        except OSError:
            siblings = []
        self.findings.error(
            "path-not-found",
            f"there is no file or folder `{path}`",
            hint=did_you_mean(path.name, siblings),
        )


def batched(names: Sequence[str], inputs: Mapping[str, np.ndarray]) -> Iterator[Asked]:
    """Arrays in memory, cut into batches."""
    for start in range(0, len(names), BATCH):
        part = slice(start, start + BATCH)
        yield Asked(names[part], {name: array[part] for name, array in inputs.items()})
