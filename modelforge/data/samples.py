"""The samples of one source: where they come from, what they are, before shares and batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from modelforge.data.bundle import TargetKind, Tensor


class Feed(Protocol):
    """Reads samples by number."""

    def read(self, index: Any) -> Any:
        """A dataset of (item, tensors by input name) for each item of `index`, a dataset.

        An item's second part are sample numbers, int64 [batch]; below 0 they stand for no sample,
        and what is read for them will be dropped.
        """


@dataclass(frozen=True, slots=True)
class Target:
    """What outputs learn.

    values: of every sample: int32 class numbers [size], or float32: 0 and 1 for each label [size,
    labels], or numbers [size, 1] or [size, ...]; None where it is an input, whose name `input` is
    then. class_names: of classes or labels.
    """

    values: np.ndarray | None
    kind: TargetKind
    class_names: tuple[str, ...] = ()
    input: str = ""

    @property
    def names_one_class(self) -> bool:
        """Whether each sample is of one class."""
        return self.kind in ("classes", "binary")


@dataclass(frozen=True, slots=True)
class Samples:
    """One source.

    targets: by the names of the outputs that learn them; ONLY is learned by every other output.
    tensors: the inputs as `feed` gives them.
    reading: plain values with which new files are read as these were.
    fingerprint: a digest of the content, or of the list of files where that is many files.
    origin: plain values that say where the samples came from, for the manifest.
    raw_tensors, preprocessing: see Bundle; preprocessing has been applied to what `feed` gives.
    learner: given the training samples, gives the samples as learned from them (statistics,
        categories); None where nothing is learned.
    recheck: see Bundle.
    """

    size: int
    feed: Feed
    targets: Mapping[str, Target]
    tensors: Mapping[str, Tensor]
    reading: Mapping[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    origin: Mapping[str, Any] = field(default_factory=dict)
    raw_tensors: Mapping[str, Tensor] = field(default_factory=dict)
    preprocessing: Any = None
    learner: Callable[[np.ndarray], Samples] | None = None
    recheck: Callable[[], Sequence[str]] = tuple

    def learn(self, training: np.ndarray) -> Samples:
        """These samples after whatever is learned from the training share has been learned."""
        return self.learner(training) if self.learner else self

    def with_targets(self, targets: Mapping[str, Target]) -> Samples:
        """The same samples with other targets."""
        return replace(self, targets=targets)

    @property
    def strata(self) -> Target | None:
        """The first target that has classes, or else labels: by them shares are stratified."""
        named = [it for it in self.targets.values() if it.class_names]
        return next((it for it in named if it.names_one_class), next(iter(named), None))


def class_target(class_names: tuple[str, ...]) -> TargetKind:
    """What a target of these classes is called."""
    return "binary" if len(class_names) == 2 else "classes"


def number_target(values: np.ndarray) -> Target:
    """A target of numbers: one each sample, or an array."""
    numbers = values.astype(np.float32)
    column = numbers[:, np.newaxis] if numbers.ndim == 1 else numbers
    return Target(column, "number" if column.shape[1:] == (1,) else "array")
