"""What a run is asked about: files become batches in the form in which its data was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
        """The paths that exist; the others become findings."""
        return [path for path in self.paths if path.exists() or self._missing(path)]

    def unreadable(self, path: str | Path, why: str, *notes: str) -> None:
        """Says that one input cannot be read; the others still are."""
        self.findings.error("unreadable-input", f"`{path}` {why}", notes=notes)

    def _missing(self, path: Path) -> bool:
        try:
            siblings = [entry.name for entry in path.parent.iterdir()]
        except OSError:
            siblings = []
        self.findings.error(
            "path-not-found",
            f"there is no file or folder `{path}`",
            hint=did_you_mean(path.name, siblings),
        )
        return False


def batched(names: Sequence[str], inputs: Mapping[str, np.ndarray]) -> Iterator[Asked]:
    """Arrays in memory, cut into batches."""
    for start in range(0, len(names), BATCH):
        part = slice(start, start + BATCH)
        yield Asked(names[part], {name: array[part] for name, array in inputs.items()})
