"""How far two models' outputs lie apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def largest_difference(expected: Mapping[str, Any], found: Mapping[str, Any]) -> float:
    """Over all outputs: absolute between -1 and 1, beyond that relative to the expected value.

    Infinite where an output is missing, has another shape, or only one of the two is a number.
    """
    if set(expected) != set(found):
        return float("inf")
    return max(_difference(np.asarray(expected[n]), np.asarray(found[n])) for n in expected)


def _difference(expected: np.ndarray, found: np.ndarray) -> float:
    if expected.shape != found.shape:
        return float("inf")
    a, b = expected.astype(np.float64), found.astype(np.float64)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    if same.all():
        return 0.0
    apart = np.abs(a - b)[~same] / np.maximum(1.0, np.abs(a))[~same]
    return float(np.where(np.isnan(apart), np.inf, apart).max())
