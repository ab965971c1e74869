"""Scores of labels of which a sample has any number, in plain NumPy; equal to scikit-learn's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class LabelScore:
    """How well one label was recognized, or all of them; 0 where a share would be of nothing.

    precision, recall, f1: of the probabilities above the threshold. average_precision, auc: over
    all thresholds; None where no sample has the label (auc: or all have). support: how many have.
    """

    name: str
    precision: float
    recall: float
    f1: float
    average_precision: float | None
    auc: float | None
    support: int


@dataclass(frozen=True, slots=True)
class MultiLabel:
    """How well labels were recognized.

    subset_accuracy: the share of samples all of whose labels are right. hamming_loss: the share of
    labels that are wrong. macro: means over the labels (of those that have a score); micro: scores
    of all pairs of sample and label as if they were of one label.
    """

    threshold: float
    subset_accuracy: float
    hamming_loss: float
    macro: LabelScore
    micro: LabelScore
    labels: tuple[LabelScore, ...]


def multi_label(
    true: np.ndarray, probabilities: np.ndarray, names: Sequence[str], threshold: float = THRESHOLD
) -> MultiLabel:
    """Scores of probabilities [n, labels] against the truth, 0 and 1 [n, labels]."""
    true = true > 0.5
    chosen = probabilities > threshold
    labels = tuple(
        _score(name, true[:, i], chosen[:, i], probabilities[:, i]) for i, name in enumerate(names)
    )
    return MultiLabel(
        threshold=threshold,
        subset_accuracy=float((true == chosen).all(axis=1).mean()) if len(true) else 0.0,
        hamming_loss=float((true != chosen).mean()) if len(true) else 0.0,
        macro=_macro(labels),
        micro=_score("micro", true.ravel(), chosen.ravel(), probabilities.ravel()),
        labels=labels,
    )


def average_precision(true: np.ndarray, scores: np.ndarray) -> float | None:
    """The area below precision over recall, by steps: the sum of gains in recall times precision.

    As scikit-learn's `average_precision_score`, where samples of the same score count together.
    """
    if not true.any():
        return None
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(true[order])
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)  # of each score
    precision = hits[last] / (last + 1)
    gains = np.diff(hits[last], prepend=0) / hits[-1]
    return float(np.sum(gains * precision))


def auc(true: np.ndarray, scores: np.ndarray) -> float | None:
    """The area below the ROC curve: how often a sample with the label has the higher score.

    By ranks, as in the test of Mann and Whitney (1947); equal scores count one half.
    """
    positive = int(true.sum())
    negative = len(true) - positive
    if not positive or not negative:
        return None
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[true].sum() - positive * (positive + 1) / 2) / (positive * negative))


def _score(
    name: str, true: np.ndarray, chosen: np.ndarray, probabilities: np.ndarray
) -> LabelScore:
    hits, taken, support = int((true & chosen).sum()), int(chosen.sum()), int(true.sum())
    return LabelScore(
        name,
        precision=hits / taken if taken else 0.0,
        recall=hits / support if support else 0.0,
        f1=2 * hits / (taken + support) if taken + support else 0.0,
        average_precision=average_precision(true, probabilities),
        auc=auc(true, probabilities),
        support=support,
    )


def _macro(labels: Sequence[LabelScore]) -> LabelScore:
    def mean(of: Callable[[LabelScore], float | None]) -> float | None:
        found = [value for label in labels if (value := of(label)) is not None]
        return float(np.mean(found)) if found else None

    return LabelScore(
        "macro",
        precision=mean(lambda it: it.precision) or 0.0,
        recall=mean(lambda it: it.recall) or 0.0,
        f1=mean(lambda it: it.f1) or 0.0,
        average_precision=mean(lambda it: it.average_precision),
        auc=mean(lambda it: it.auc),
        support=sum(label.support for label in labels),
    )
