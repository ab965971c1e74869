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

    labels: integer classes [size], or 0 and 1 for each label [size, labels], whose proportions
    every part keeps as far as whole numbers allow.
    """
    taken = np.zeros(size, dtype=bool)
    parts: dict[str, np.ndarray] = {}
    order = permutation(size, seed, SPLIT_STREAM)
    for name in ORDER:
        if name in shares:
            wanted = round(size * shares[name])
            left = order[~taken[order]]
            several = labels is not None and labels.ndim == 2
            draw = _draw_labels if several else _draw
            chosen = draw(left, labels, wanted)
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


def _draw_labels(order: np.ndarray, labels: np.ndarray | None, wanted: int) -> np.ndarray:
    """As many samples of an order, and of each label its part of them.

    Iterative stratification (Sechidis, Tsoumakas and Vlahavas, 2011), to two sides: the samples of
    the rarest label go first, each to the side that lacks most of it.
    """
    assert labels is not None
    has = labels[order] > 0.5
    left, room = has.sum(axis=0), np.array([wanted, len(order) - wanted])
    lacks = np.outer(room / max(1, len(order)), left)
    side = np.full(len(order), -1)

    def put(row: int, wish: np.ndarray) -> None:
        # The side that lacks more, or that has more room; one that is full takes nothing.
        best = max((0, 1), key=lambda it: (room[it] > 0, wish[it], room[it]))
        side[row] = best
        room[best] -= 1
        lacks[best] -= has[row]

    while left.any():
        rarest = int(np.where(left > 0, left, len(order) + 1).argmin())
        for row in np.flatnonzero(has[:, rarest] & (side < 0)).tolist():
            put(row, lacks[:, rarest])
            left -= has[row]
    for row in np.flatnonzero(side < 0).tolist():
        put(row, room)
    return order[side == 0]
