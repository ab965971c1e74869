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
    true = np.asarray(true, dtype=np.float64).reshape(-1)
    error = np.asarray(predicted, dtype=np.float64).reshape(-1) - true
    residual = float(np.sum(error**2))
    total = float(np.sum((true - true.mean()) ** 2))
    constant = 1.0 if residual == 0 else 0.0
    return Regression(
        mae=float(np.mean(np.abs(error))),
        rmse=float(np.sqrt(np.mean(error**2))),
        r2=1 - residual / total if total else constant,
    )


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    ratio: np.ndarray = np.zeros_like(part, dtype=float)
    np.divide(part, whole, out=ratio, where=whole > 0)
    return ratio
