"""The text of a column becomes a raw column: float32 with NaN, or text with "" where missing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

from modelforge.data.features.feature import LARGEST_WHOLE, WHOLE_KINDS, Feature
from modelforge.sniff.table import boolean, number

LARGEST_FLOAT = float(np.finfo(np.float32).max)  # what is larger would become infinite

Misfit = Callable[[int, str, str], None]


def raw_column(
    feature: Feature, values: Sequence[str], missing: Collection[str], misfit: Misfit
) -> np.ndarray:
    """The raw column [rows, 1]; misfit(row, value, what was expected) for what does not fit."""
    if feature.is_text:
        texts = ["" if value in missing else value for value in values]
        return np.array(texts, dtype=object)[:, np.newaxis]
    expected, parse = _parser(feature.kind)
    numbers = np.full(len(values), np.nan, dtype=np.float32)
    known: dict[str, float | None] = {}
    for row, value in enumerate(values):
        if value in missing:
            continue
        if value not in known:
            known[value] = parse(value)
        found = known[value]
        if found is None:
            misfit(row, value, expected)
        else:
            numbers[row] = found
    return numbers[:, np.newaxis]


def _parser(kind: str) -> tuple[str, Callable[[str], float | None]]:
    if kind == "boolean":
        return "true or false", boolean
    if kind in WHOLE_KINDS:
        return f"a whole number up to {LARGEST_WHOLE:,}", _whole
    return "a number", _float32


def _float32(text: str) -> float | None:
    found = number(text)
    return found if found is not None and abs(found) <= LARGEST_FLOAT else None


def _whole(text: str) -> float | None:
    found = number(text)
    fits = found is not None and found.is_integer() and abs(found) <= LARGEST_WHOLE
    return found if fits else None
