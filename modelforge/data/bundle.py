"""What opening the data gives: pipelines, facts, and what was learned on the training share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np

from modelforge.data.replicas import Replicas
from modelforge.findings import Findings
from modelforge.graph.given import Given, Learned
from modelforge.spec import DataSection

TargetKind = Literal["classes", "binary", "multi_label", "number", "array", "none"]


class MakeBatches(Protocol):
    """Makes a split's dataset of some epochs, beginning at a step of the first."""

    def __call__(self, epoch: int, first_step: int, replicas: Replicas | None, epochs: int) -> Any:
        """A finite `tf.data.Dataset` of batches."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input as the model receives it: shape without the batch axis, a TensorFlow dtype name."""

    shape: tuple[int | None, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class Split:
    """One of train, validation and test.

    size: samples; batch_size: those of a batch, over all replicas (the last one may be smaller).
    whole: every process reads whole batches, because samples of one batch are augmented together.
    names: what the samples of a batch are called, given epoch and step: files, or numbers.
    augmented: whether what a sample gives is another thing in each epoch.
    once: the same samples in batches of so many, each as it is and in an order that stays.
    with_inputs: the same split with other inputs: arrays whose rows are in the order of `once`.
        None where a target is an input.
    """

    name: str
    size: int
    batch_size: int
    make: MakeBatches = field(repr=False)
    whole: bool = False
    names: Callable[[int, int], Sequence[str]] | None = field(default=None, repr=False)
    augmented: bool = False
    once: Callable[[int], Split] | None = field(default=None, repr=False)
    with_inputs: Callable[[Mapping[str, np.ndarray]], Split] | None = field(
        default=None, repr=False
    )

    @property
    def steps(self) -> int:
        """Batches per epoch."""
        return -(-self.size // self.batch_size)

    def batches(
        self,
        epoch: int = 0,
        first_step: int = 0,
        replicas: Replicas | None = None,
        epochs: int = 1,
    ) -> Any:
        """The batches of so many epochs as a `tf.data.Dataset` of (inputs, targets).

        It is finite, and inputs is a dict by input name where there are several, else a tensor;
        targets is a dict by target name, ONLY among them, where any has a name.
        The training split's order is a function of seed and epoch alone, so that a run that
        resumes in the middle of an epoch starts at `first_step` without reading what lies before.
        replicas: those that this process feeds. Then each batch holds their samples only, unless
        the split reads whole batches; `data.replicas.divided` divides it among them.
        """
        return self.make(epoch, first_step, replicas, epochs)


class Serve(Protocol):
    """Makes the splits of data that has been opened; raises Refused where they cannot be made."""

    def __call__(self, section: DataSection, augment: Sequence[Any], findings: Findings) -> Bundle:
        """section: as it was opened, but for `batch_size` and `augment_by`."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The opened data.

    inputs: what the model's inputs look like after preprocessing, by name.
    targets: what outputs learn, by the output's name; ONLY is what all others learn. Its kind is
        "classes" (integer labels, three classes or more), "binary" (integer labels 0 and 1, which
        suit one sigmoid unit as well as a softmax over two), "multi_label" (float32, 0 or 1 for
        each label), "number" (float32, one column), "array" (numbers of any shape, or an input),
        "none".
    facts: what a spec may use as `data.*`: size, steps_per_epoch, shape, features; where there
        are classes, classes, class_names and class_counts (the training share's samples of each
        class, in the order of the labels); where the target is a number, target_mean and
        target_std, learned on the training share. Of a target with a name, they stand below
        `targets.NAME`.
    preprocessing: a keras.Model from raw inputs to model inputs (learned on the training share),
        or None where raw and model inputs are the same.
    manifest: plain values for `data.json`: sources, sizes, fingerprints, classes, splits, and
        `reading`, with which `reading.py` reads new files exactly as in training.
    recheck: looks at the files again that are read while the model trains; says of each one that
        cannot be read any more why.
    serve: the same data, opened already, with other batches or another augmentation.
    """

    train: Split
    validation: Split | None
    test: Split | None
    inputs: Mapping[str, Tensor]
    targets: Mapping[str, Learned]
    facts: Mapping[str, Any]
    manifest: Mapping[str, Any]
    preprocessing: Any = None
    raw_inputs: Mapping[str, Tensor] = field(default_factory=dict)
    recheck: Callable[[], Sequence[str]] = tuple
    serve: Serve | None = field(default=None, repr=False)

    @property
    def given(self) -> Given:
        """What was found, in the words in which a source tells it beforehand."""
        shapes = {name: tensor.shape for name, tensor in self.inputs.items()}
        dtypes = {name: tensor.dtype for name, tensor in self.inputs.items()}
        return Given(shapes, dtypes, self.targets, self.facts)

    @property
    def target(self) -> str:
        """What the target is that has no name."""
        return self.given.target
