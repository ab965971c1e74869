"""Columns of a CSV that give the target away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from modelforge.data.features.feature import Feature
from modelforge.data.place import Request
from modelforge.data.samples import Target
from modelforge.sniff.table import Table, number, one_to_one

_LINEAR = 0.999999  # a correlation that only a change of unit leaves


def check_leaks(
    table: Table, features: Sequence[Feature], target: Target, request: Request
) -> None:
    """Warns of every column that repeats the target, one to one."""
    written = request.get("target")
    for name in map(str, written if isinstance(written, tuple) else (written,)):
        _check_column(name, (table, features), target, request)


def _check_column(
    name: str, inside: tuple[Table, Sequence[Feature]], target: Target, request: Request
) -> None:
    table, features = inside
    for feature in features:
        values = table.columns[feature.column]
        repeats = (
            one_to_one(values, table.columns[name])
            if target.class_names
            else target.values is not None and _same_number(values, target.values[:, 0])
        )
        if repeats:
            request.warning(
                "repeats-target",
                f"column `{feature.column}` repeats the target `{name}` one to one",
                "target",
                notes=(
                    "a model would read the answer there and fail where the answer is not known",
                    f"write `ignore: [{feature.column}]`",
                ),
            )


def _same_number(values: Sequence[str], targets: np.ndarray) -> bool:
    numbers = [number(value) for value in values]
    if any(found is None for found in numbers):
        return False
    column = np.array(numbers, dtype=np.float64)
    if len(column) < 3 or column.std() == 0:
        return False
    return abs(float(np.corrcoef(column, targets.astype(np.float64))[0, 1])) > _LINEAR
