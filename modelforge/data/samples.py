"""The samples of one source: where they come from, what they are, before shares and batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from modelforge.data.bundle import TargetKind, Tensor


class Feed(Protocol):
    """Reads samples by number."""

    def inputs(self, order: np.ndarray, batch_size: int) -> Any:
        """A `tf.data.Dataset` of batches: dicts of tensors by input name, in this order."""


@dataclass(frozen=True, slots=True)
class Samples:
    """One source.

    targets: int32 class numbers [size], float32 [size, 1] for numbers, None where there are none.
    tensors: the inputs as `feed` gives them.
    reading: plain values with which new files are read as these were.
    fingerprint: a digest of the content, or of the list of files where that is many files.
    origin: plain values that say where the samples came from, for the manifest.
    raw_tensors, preprocessing: see Bundle; preprocessing has been applied to what `feed` gives.
    learner: given the training samples, gives the samples as learned from them (statistics,
        categories); None where nothing is learned.
    """

    size: int
    feed: Feed
    targets: np.ndarray | None
    target: TargetKind
    tensors: Mapping[str, Tensor]
    class_names: tuple[str, ...] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    origin: Mapping[str, Any] = field(default_factory=dict)
    raw_tensors: Mapping[str, Tensor] = field(default_factory=dict)
    preprocessing: Any = None
    learner: Callable[[np.ndarray], Samples] | None = None

    def learn(self, training: np.ndarray) -> Samples:
        """These samples after whatever is learned from the training share has been learned."""
        return self.learner(training) if self.learner else self

    @property
    def labels(self) -> np.ndarray | None:
        """The classes by which shares are stratified, if there are classes."""
        return self.targets if self.target in ("classes", "binary") else None


def class_target(class_names: tuple[str, ...]) -> TargetKind:
    """What a target of these classes is called."""
    return "binary" if len(class_names) == 2 else "classes"
