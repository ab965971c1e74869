"""What a feature learns from the raw column of the training share."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from modelforge.catalog.own.features import FREE_TEXT
from modelforge.data.features.feature import Feature, Learned


def learn(feature: Feature, raw: np.ndarray) -> Learned:
    """The feature as learned from the training rows [rows, 1] of its raw column."""
    values = raw[:, 0]
    if feature.kind == FREE_TEXT:
        return Learned(feature.column, FREE_TEXT)
    if feature.is_text:
        return _categories(feature, values)
    present = values[~np.isnan(values)].astype(np.float64)
    missing = len(present) < len(values)
    kind = feature.kind
    if kind == "integer_categorical":
        return _categories(feature, present.astype(np.int64), missing)
    if kind == "integer_hashed":
        return Learned(feature.column, kind, missing, bins=feature.option or 2)
    if kind == "float_discretized":
        return Learned(
            feature.column, kind, missing, boundaries=_boundaries(present, feature.option or 2)
        )
    offset, scale = _scaling(kind, present)
    return Learned(feature.column, kind, missing, offset, scale)


def _scaling(kind: str, present: np.ndarray) -> tuple[float, float]:
    if kind not in ("float_normalized", "float_rescaled") or not len(present):
        return 0.0, 1.0
    if kind == "float_rescaled":
        return float(present.min()), float(np.ptp(present)) or 1.0
    return float(present.mean()), float(present.std()) or 1.0


def _boundaries(present: np.ndarray, bins: int) -> tuple[float, ...]:
    """Quantiles; equal ones, of which a frequent value makes several, count once."""
    if not len(present):
        return ()
    shares = np.arange(1, bins) / bins
    return tuple(float(edge) for edge in np.unique(np.quantile(present, shares)))


def _categories(feature: Feature, values: np.ndarray, missing: bool = False) -> Learned:
    if feature.kind == "string_hashed":
        return Learned(feature.column, feature.kind, bins=feature.option or 2)
    counts: Counter[Any] = Counter(values.tolist())
    # The most frequent first; the alphabet decides among equals, so that no order of rows does.
    ranked = sorted(counts, key=lambda value: (-counts[value], value))
    kept = ranked[: feature.option] if feature.option else ranked
    return Learned(feature.column, feature.kind, missing, vocabulary=tuple(sorted(kept)))
