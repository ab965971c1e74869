"""Scores of predictions against the truth, in plain NumPy; equal to scikit-learn's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How well one class was recognized; 0 where a score would divide by nothing."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Classification:
    """How well classes were recognized; confusion: rows are true classes, columns predicted."""

    accuracy: float
    macro_f1: float
    classes: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Regression:
    """How near numbers came: mean absolute error, root mean squared error, and R2."""

    mae: float
    rmse: float
    r2: float


def confusion_matrix(true: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Counts of (true class, predicted class)."""
    pairs = true.astype(np.int64) * classes + predicted.astype(np.int64)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def classification(true: np.ndarray, predicted: np.ndarray, names: Sequence[str]) -> Classification:
    """Scores of predicted class numbers."""
    counts = confusion_matrix(true, predicted, len(names))
    right = np.diag(counts).astype(float)
    support, chosen = counts.sum(axis=1), counts.sum(axis=0)
    precision, recall = _ratio(right, chosen), _ratio(right, support)
    f1 = _ratio(2 * right, support + chosen)
    return Classification(
        accuracy=float(right.sum() / max(1, len(true))),
        macro_f1=float(f1.mean()),
        classes=tuple(
            ClassScore(name, float(precision[i]), float(recall[i]), float(f1[i]), int(support[i]))
            for i, name in enumerate(names)
        ),
        confusion=tuple(tuple(int(count) for count in row) for row in counts),
    )


def regression(true: np.ndarray, predicted: np.ndarray) -> Regression:
    """Scores of predicted numbers; R2 of a constant truth is 1 if it is met exactly, else 0."""
    running = RunningRegression()
    running.add(true, predicted)
    return running.result()


class RunningRegression:
    """The same batch by batch: all images of an autoencoder at once could fill the memory."""

    def __init__(self) -> None:
        self._count = 0
        self._absolute = self._squared = 0.0  # sums over the errors
        self._mean = self._spread = 0.0  # of the truth: mean, sum of squares around it

    def add(self, true: np.ndarray, predicted: np.ndarray) -> None:
        """Takes in a batch."""
        true = np.asarray(true, dtype=np.float64).reshape(-1)
        error = np.asarray(predicted, dtype=np.float64).reshape(-1) - true
        mean = float(true.mean())
        spread = float(np.sum((true - mean) ** 2))
        sums = float(np.sum(np.abs(error))), float(np.sum(error**2))
        self.join([true.size, *sums, mean, spread])

    def state(self) -> list[float]:
        """Everything it keeps, for another one to `join`."""
        return [self._count, self._absolute, self._squared, self._mean, self._spread]

    def join(self, state: Sequence[float]) -> None:
        """Takes in what another one has kept of other batches."""
        count, absolute, squared, mean, spread = state
        if not count:
            return
        self._absolute += absolute
        self._squared += squared
        # Chan's way to join two samples: sums of squares alone would lose their digits.
        before, apart = self._count, mean - self._mean
        self._count += int(count)
        self._spread += spread + apart**2 * before * count / self._count
        self._mean += apart * count / self._count

    def result(self) -> Regression:
        """The scores of all batches."""
        constant = 1.0 if self._squared == 0 else 0.0
        return Regression(
            mae=self._absolute / self._count,
            rmse=float(np.sqrt(self._squared / self._count)),
            r2=1 - self._squared / self._spread if self._spread else constant,
        )


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    ratio: np.ndarray = np.zeros_like(part, dtype=float)
    np.divide(part, whole, out=ratio, where=whole > 0)
    return ratio
