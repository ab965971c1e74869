"""What a page tells about a run, read from its folder; what is missing there is left out."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelforge.runs import RunFolder, RunState, read_history
from modelforge.runs.files import read_json
from modelforge.runs.forms import data_misfit, evaluation_misfit, exports_misfit

EVALUATION = "evaluation-*.json"
_NAME = re.compile(r"^name: ([\w.-]+)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class RunFacts:
    """A run as the page shows it.

    history: a row by epoch, each a mapping of column to number (None where there is none).
    evaluations: what `modelforge evaluate` left, one for each split.
    """

    name: str
    run: str
    state: RunState | None = None
    environment: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    history: Sequence[Mapping[str, float | None]] = ()
    evaluations: Sequence[Mapping[str, Any]] = ()
    exports: Sequence[Mapping[str, Any]] = ()
    spec: str = ""

    @property
    def best_epoch(self) -> int | None:
        """The epoch whose weights are in best.keras, counted as in the history, if known."""
        return self.state.best_epoch if self.state else None


def read_facts(folder: RunFolder) -> RunFacts:
    """The facts of a run."""
    path = folder.path
    spec = _text(folder.resolved) or _text(folder.spec)
    said = _NAME.search(spec)
    return RunFacts(
        # A run may lie anywhere (`--run`): what its spec is called says more than its folder.
        name=said[1] if said else folder.name,
        run=folder.id,
        state=folder.state(),
        environment=_mapping(folder.environment),
        data=_fitting(folder.data, data_misfit),
        history=[_numbers(row) for row in read_history(path)],
        evaluations=[
            found
            for file in sorted(path.glob(EVALUATION))
            if (found := _fitting(file, evaluation_misfit))
        ],
        exports=_fitting(path / "export" / "export.json", exports_misfit).get("exports", []),
        spec=spec,
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _mapping(path: Path) -> dict[str, Any]:
    # A page about a damaged run is better than none.
    found = read_json(path)
    return found if isinstance(found, dict) else {}


def _fitting(path: Path, misfit: Callable[[Any], str]) -> dict[str, Any]:
    found = _mapping(path)
    return {} if misfit(found) else found


def _numbers(row: Mapping[str, Any]) -> dict[str, float | None]:
    return {key: _number(value) for key, value in row.items()}


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if math.isfinite(value) else None
