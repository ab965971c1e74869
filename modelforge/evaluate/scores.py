"""How well one output came near to what it learns, gathered batch by batch."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from modelforge.evaluate.answers import Meaning, read_classes, read_labels
from modelforge.evaluate.measures import (
    Classification,
    Regression,
    RunningRegression,
    classification,
)
from modelforge.evaluate.multi_label import THRESHOLD, MultiLabel, multi_label
from modelforge.graph.given import Learned
from modelforge.spec.targets import MULTI_LABEL


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of an output; none of them where nothing can be said."""

    output: str
    classification: Classification | None = None
    regression: Regression | None = None
    multi_label: MultiLabel | None = None

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return any((self.classification, self.regression, self.multi_label))


class Scorer(Protocol):
    """Compares what an output answers with what it learns."""

    def add(self, true: np.ndarray, answered: np.ndarray) -> None:
        """Takes in a batch."""

    def state(self) -> Any:
        """What it keeps, as plain values, for that of another worker to `join`."""

    def join(self, state: Any) -> None:
        """Takes in what another worker's has kept of other batches."""

    def scores(self) -> Scores:
        """What has come out."""


def scorer_of(
    learned: Learned, output: str, meaning: Meaning, threshold: float = THRESHOLD
) -> Scorer:
    """What suits an output; meaning: what its numbers are; threshold: from where a label is one."""
    if learned.kind in ("number", "array"):
        return _Numbers(output)
    names = [str(name) for name in learned.facts["class_names"]]
    if learned.kind == MULTI_LABEL:
        return _Labels(output, names, meaning, threshold)
    return _Classes(output, names, meaning)


class _Numbers:
    def __init__(self, output: str) -> None:
        self._output = output
        self._running = RunningRegression()
        self._fits = True

    def add(self, true: np.ndarray, answered: np.ndarray) -> None:
        self._fits = self._fits and true.size == answered.size
        if self._fits:
            self._running.add(true, answered)

    def state(self) -> Any:
        return [self._fits, self._running.state()]

    def join(self, state: Any) -> None:
        fits, running = state
        self._fits = self._fits and fits
        self._running.join(running)

    def scores(self) -> Scores:
        return Scores(self._output, regression=self._running.result() if self._fits else None)


class _Classes:
    def __init__(self, output: str, names: list[str], meaning: Meaning) -> None:
        self._output = output
        self._names = names
        self._meaning = meaning
        self._fits = True
        # Numbers of classes, true and chosen: what the model answered would fill the memory.
        self._pairs: list[np.ndarray] = []

    def add(self, true: np.ndarray, answered: np.ndarray) -> None:
        read = read_classes(answered, len(self._names), self._meaning)
        if read is None:
            self._fits = False
        else:
            true = true.reshape(-1).astype(np.int64)
            self._pairs.append(true * len(self._names) + read.chosen)

    def state(self) -> Any:
        pairs, counts = np.unique(self._all(), return_counts=True)
        return [self._fits, pairs.tolist(), counts.tolist()]

    def join(self, state: Any) -> None:
        fits, pairs, counts = state
        self._fits = self._fits and fits
        self._pairs.append(np.repeat(np.asarray(pairs, np.int64), counts))

    def scores(self) -> Scores:
        if not self._fits:
            return Scores(self._output)
        true, chosen = np.divmod(self._all(), len(self._names))
        return Scores(self._output, classification(true, chosen, self._names))

    def _all(self) -> np.ndarray:
        return np.concatenate([np.empty(0, np.int64), *self._pairs])


class _Labels:
    """Keeps all probabilities: how well they rank samples is told by all of them together."""

    def __init__(self, output: str, names: list[str], meaning: Meaning, threshold: float) -> None:
        self._output = output
        self._names = names
        self._meaning = meaning
        self._threshold = threshold
        self._fits = True
        self._true: list[np.ndarray] = []
        self._probabilities: list[np.ndarray] = []

    def add(self, true: np.ndarray, answered: np.ndarray) -> None:
        read = read_labels(answered, len(self._names), self._meaning)
        if read is None:
            self._fits = False
        else:
            self._true.append(true > 0.5)
            self._probabilities.append(read)

    def state(self) -> Any:
        true, probabilities = self._all()
        return [self._fits, _text(np.packbits(true)), _text(probabilities), len(true)]

    def join(self, state: Any) -> None:
        fits, true, probabilities, size = state
        shape = (size, len(self._names))
        bits = np.frombuffer(b64decode(true), np.uint8)
        self._fits = self._fits and fits
        self._true.append(np.unpackbits(bits, count=size * shape[1]).astype(bool).reshape(shape))
        found = np.frombuffer(b64decode(probabilities), np.float32)
        self._probabilities.append(found.reshape(shape))

    def scores(self) -> Scores:
        if not self._fits:
            return Scores(self._output)
        found = multi_label(*self._all(), self._names, self._threshold)
        return Scores(self._output, multi_label=found)

    def _all(self) -> tuple[np.ndarray, np.ndarray]:
        shape = (0, len(self._names))
        true = np.concatenate([np.empty(shape, bool), *self._true])
        return true, np.concatenate([np.empty(shape, np.float32), *self._probabilities])


def _text(values: np.ndarray) -> str:
    return b64encode(values.tobytes()).decode("ascii")
