"""Which samples belong to train, validation and test: seeded shares, stratified by class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from modelforge.data.order import SPLIT_STREAM, permutation
from modelforge.sniff.shares import ORDER, quotas


@dataclass(frozen=True, slots=True)
class Parts:
    """Sample numbers of each part, ascending; a part that is no share of train is None."""

    train: np.ndarray
    validation: np.ndarray | None = None
    test: np.ndarray | None = None

    def get(self, name: str) -> np.ndarray | None:
        """The part of this name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]


def divide(size: int, labels: np.ndarray | None, shares: Mapping[str, float], seed: int) -> Parts:
    """Divides the samples of a source; the test share does not depend on the validation share.

    labels: integer classes, whose proportions every part keeps as far as whole numbers allow.
    """
    taken = np.zeros(size, dtype=bool)
    parts: dict[str, np.ndarray] = {}
    order = permutation(size, seed, SPLIT_STREAM)
    for name in ORDER:
        if name in shares:
            wanted = round(size * shares[name])
            chosen = _draw(order[~taken[order]], labels, wanted)
            taken[chosen] = True
            parts[name] = np.sort(chosen)
    return Parts(np.flatnonzero(~taken), parts.get("validation"), parts.get("test"))


def _draw(order: np.ndarray, labels: np.ndarray | None, wanted: int) -> np.ndarray:
    """The first `wanted` samples of an order, or of each class its part of them."""
    if labels is None:
        return order[:wanted]
    classes = labels[order]
    names, counts = np.unique(classes, return_counts=True)
    chosen = [
        order[classes == name][:quota]
        for name, quota in zip(names, quotas(counts.tolist(), wanted), strict=True)
    ]
    return np.concatenate(chosen) if chosen else order[:0]
