"""Two models that answer at random, as `call: {training: true}` makes them, held side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from modelforge.export.compare import largest_difference

DRAWS = 32  # their mean strays by a sixth of the spread of one: several times less than all of it

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def difference_of_means(expected: Answer, found: Answer, samples: Mapping[str, Any]) -> float:
    """How far the mean answers lie apart, beyond the spread of the single ones."""
    ours, theirs = _drawn(expected, samples), _drawn(found, samples)
    if any(ours[name].shape != theirs.get(name, ours[name]).shape for name in ours):
        return float("inf")
    spread = max(float(draws.std(axis=0).max(initial=0)) for draws in ours.values())
    apart = largest_difference(_means(ours), _means(theirs))
    return max(0.0, apart - spread)


def _drawn(answer: Answer, samples: Mapping[str, Any]) -> dict[str, np.ndarray]:
    draws = [answer(samples) for _ in range(DRAWS)]
    return {
        name: np.stack([np.asarray(draw[name], dtype="float64") for draw in draws])
        for name in draws[0]
    }


def _means(draws: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: array.mean(axis=0) for name, array in draws.items()}
