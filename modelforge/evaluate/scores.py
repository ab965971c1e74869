"""How well one output came near to what it learns, gathered batch by batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from modelforge.evaluate.answers import Meaning, read_classes
from modelforge.evaluate.measures import (
    Classification,
    Regression,
    RunningRegression,
    classification,
)
from modelforge.graph.given import Learned


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of an output; neither where nothing can be said."""

    output: str
    classification: Classification | None = None
    regression: Regression | None = None


class Scorer(Protocol):
    """Compares what an output answers with what it learns."""

    def add(self, true: np.ndarray, answered: np.ndarray) -> None:
        """Takes in a batch."""

    def scores(self) -> Scores:
        """What has come out."""


def scorer_of(learned: Learned, output: str, meaning: Meaning) -> Scorer:
    """What suits an output; meaning: what its numbers are."""
    if learned.kind in ("number", "array"):
        return _Numbers(output)
    return _Classes(output, [str(name) for name in learned.facts["class_names"]], meaning)


class _Numbers:
    def __init__(self, output: str) -> None:
        self._output = output
        self._running = RunningRegression()
        self._fits = True

    def add(self, true: np.ndarray, answered: np.ndarray) -> None:
        self._fits = self._fits and true.size == answered.size
        if self._fits:
            self._running.add(true, answered)

    def scores(self) -> Scores:
        return Scores(self._output, regression=self._running.result() if self._fits else None)


class _Classes:
    def __init__(self, output: str, names: list[str], meaning: Meaning) -> None:
        self._output = output
        self._names = names
        self._meaning = meaning
        self._true: list[np.ndarray] = []
        self._answered: list[np.ndarray] = []

    def add(self, true: np.ndarray, answered: np.ndarray) -> None:
        self._true.append(true.reshape(-1))
        self._answered.append(answered)

    def scores(self) -> Scores:
        answered = np.concatenate(self._answered)
        read = read_classes(answered, len(self._names), self._meaning)
        if read is None:
            return Scores(self._output)
        true = np.concatenate(self._true)
        return Scores(self._output, classification(true, read.chosen, self._names))
