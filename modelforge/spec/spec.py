"""The frozen, typed spec: what a user asked for, checked, with the place of everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from modelforge.findings import Span
from modelforge.spec.freezing import Freeze
from modelforge.spec.thaw import Thaw
from modelforge.spec.values import Deferred, Object, Value

ByOutput = Mapping[str, Object]


@dataclass(frozen=True, slots=True)
class InputItem:
    """An entry of `model.inputs`; shape is without the batch axis, None where it is open."""

    name: str
    shape: tuple[int | Deferred | None, ...]
    dtype: str | None
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class LoadItem:
    """A saved model as a layer.

    path: as it leads there from the working directory, wherever it was written. until: the layer
    whose output is taken; empty for the whole model. trainable: None to leave it as it was saved.
    """

    path: str
    until: tuple[str, ...]
    trainable: bool | None
    span: Span = field(compare=False)
    until_span: Span | None = field(compare=False, default=None)


@dataclass(frozen=True, slots=True)
class WeightsItem:
    """`model.weights`: the file that the layers of a model start from.

    path: as it leads there from the working directory. partial: whether some weights may be
    missing, left over, or of another shape.
    """

    path: str
    partial: bool
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class LayerItem:
    """An item of `model.layers`.

    name: as given, or None (then its Keras name is made from the class).
    sources: the `from` key: None for the layer above; names in order; or names by call argument.
    call: further arguments of the layer's call; call_spans: where each stands, and its value (as
        `argument:`).
    use: the name of the layer that is applied again; empty for a layer of its own.
    model: of an item that is a model itself; load: of one that is a saved model.
    """

    object: Object
    name: str | None
    sources: tuple[str, ...] | Mapping[str, str | tuple[str, ...]] | None
    call: Mapping[str, Value]
    span: Span = field(compare=False)
    name_span: Span | None = field(compare=False, default=None)
    source_spans: Mapping[str, Span] = field(compare=False, default_factory=dict)
    use: str = ""
    use_span: Span | None = field(compare=False, default=None)
    model: ModelSection | None = None
    load: LoadItem | None = None
    call_spans: Mapping[str, Span] = field(compare=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelSection:
    """`model`: inputs by name (None where the data tells them), layers, outputs by layer name."""

    inputs: tuple[InputItem, ...] | None
    layers: tuple[LayerItem, ...]
    outputs: tuple[str, ...] | None
    span: Span = field(compare=False)
    output_spans: Mapping[str, Span] = field(compare=False, default_factory=dict)
    weights: WeightsItem | None = None


@dataclass(frozen=True, slots=True)
class InnerModel(Object):
    """A model, or a saved one, in an argument that takes a layer: `TimeDistributed: {layer: ...}`.

    name: `model` or `load`, whichever it is; the other one is None.
    """

    model: ModelSection | None = None
    load: LoadItem | None = None


@dataclass(frozen=True, slots=True)
class DataSection:
    """`data`: each of train, validation and test is a source; the last two also shares of train.

    batch_size is global (over all replicas); `all` is the whole training set at once. Where
    per_replica is set it is that of each replica.
    augment: layers applied to training inputs only; augment_by: each "sample" on its own, or those
    of a "batch" together.
    target: `inputs`, or for each output that learns an input the input's name.
    """

    train: Object
    validation: Object | float | None
    test: Object | float | None
    batch_size: int | str
    shuffle: bool
    seed: int
    augment: tuple[Object, ...]
    cache: str
    span: Span = field(compare=False)
    spans: Mapping[str, Span] = field(compare=False, default_factory=dict)
    target: str | Mapping[str, str] | None = None
    augment_by: str = "sample"
    per_replica: bool = False

    @property
    def written_batch_size(self) -> int | str | dict[str, int | str]:
        """The batch size as a spec says it."""
        return _written(self.batch_size, self.per_replica)

    def size_over(self, replicas: int, samples: int) -> int:
        """The samples of a step over so many replicas, of a training share of so many samples."""
        if self.batch_size == "all":
            return max(1, samples)
        return int(self.batch_size) * (replicas if self.per_replica else 1)

    def span_of(self, key: str) -> Span:
        """The place to blame for a key of this section, or for a name below it (`target.image`).

        Where that was not written, the place of what is around it.
        """
        return self.spans.get(key) or self.spans.get(key.split(".")[0], self.span)


@dataclass(frozen=True, slots=True)
class Checkpointing:
    """`train.checkpoint`: when one is written, whichever comes first; keep: how many are kept.

    Without any of the first three, after every epoch; and in any case at the end of training.
    """

    every_epochs: int | None = None
    every_steps: int | None = None
    every_seconds: float | None = None
    keep: int = 2


@dataclass(frozen=True, slots=True)
class OnDivergence:
    """`train.on_divergence`: how often a run goes back to its last checkpoint when its loss is no
    number, and what the learning rate is multiplied by each time.
    """

    restore: int = 0
    learning_rate: float = 0.5


@dataclass(frozen=True, slots=True)
class TrainSection:
    """`train`: one loss and one list of metrics, or one by output name.

    freeze: None where the spec does not say it; then layers are trained as they were made or saved.
    batch_norm: `inference`, `train`, or `auto`: inference in models that were loaded.
    frozen_features: where what frozen layers make of each sample is kept: `memory`, `disk`, `auto`,
        or `none`.
    learning_rate_multipliers: by selector what the rate of its layers is multiplied by; the last
    that selects a layer holds. layer_decay: the rate of a layer over that of the one above it.
    phases: those that `phases` says, or `thaw` makes.
    """

    loss: Object | ByOutput | None
    loss_weights: Mapping[str, float] | None
    metrics: tuple[Object, ...] | Mapping[str, tuple[Object, ...]]
    optimizer: Object
    epochs: int | Deferred
    callbacks: tuple[Object, ...]
    class_weight: str | Mapping[str, Any] | None
    precision: str
    distribute: Object
    seed: int
    deterministic: bool
    jit_compile: bool | str
    span: Span = field(compare=False)
    spans: Mapping[str, Span] = field(compare=False, default_factory=dict)
    checkpoint: Checkpointing = Checkpointing(every_epochs=1)
    on_divergence: OnDivergence = OnDivergence()
    learning_rate_scaling: str = "none"
    freeze: Freeze | None = None
    batch_norm: str = "auto"
    frozen_features: str = "auto"
    learning_rate_multipliers: Mapping[str, float] = field(default_factory=dict)
    layer_decay: float = 1.0
    thaw: Thaw | None = None
    phases: tuple[Phase, ...] = ()

    @property
    def parts(self) -> tuple[Phase, ...]:
        """The phases of a run; without any the whole is one, which has no name."""
        return self.phases or (Phase("", self, self.span),)

    @property
    def written_phases(self) -> tuple[Phase, ...]:
        """The items of `train.phases`, one for all the phases that a `thaw` makes of it."""
        items = (phase.whole or phase for phase in self.phases)
        return tuple({phase.name: phase for phase in items if phase.name}.values())

    def item_of(self, number: int) -> int:
        """The number of the item of `train.phases` that has made the phase of a number."""
        phase = self.parts[number]
        names = [item.name for item in self.written_phases]
        name = (phase.whole or phase).name
        return names.index(name) if name else 0

    @property
    def last(self) -> TrainSection:
        """The section as it is meant in the last phase, whose model a run ends with."""
        return self.parts[-1].train

    @property
    def has_rates(self) -> bool:
        """Whether layers have learning rates of their own."""
        return bool(self.learning_rate_multipliers) or self.layer_decay != 1

    def span_of(self, key: str) -> Span:
        """The place to blame for a key of this section, or for an output below it (`loss.digit`).

        Where that was not written, the place of what is around it.
        """
        return self.spans.get(key) or self.spans.get(key.split(".")[0], self.span)


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a run, which goes over a model that the part before has trained.

    train: the whole section with what the phase replaces in it; itself without phases.
    own: the keys that the phase says itself. start: which weights of the phase before it begins
    with, "best" or "last".
    batch_size, per_replica, augment, augment_by: in the place of those of `data`, where not None.
    whole: what a `thaw` has divided into this one and others; it has no name where that is the run.
    """

    name: str
    train: TrainSection
    span: Span = field(compare=False)
    own: frozenset[str] = frozenset()
    start: str = "best"
    batch_size: int | str | None = None
    per_replica: bool = False
    augment: tuple[Object, ...] | None = None
    augment_by: str | None = None
    whole: Phase | None = None

    @property
    def path(self) -> str:
        """Where it is written, as `--set` takes it."""
        name = self.whole.name if self.whole is not None else self.name
        return f"train.phases.{name}" if name else "train"

    @property
    def written_batch_size(self) -> int | str | dict[str, int | str] | None:
        """The batch size as a spec says it."""
        return None if self.batch_size is None else _written(self.batch_size, self.per_replica)

    def data(self, section: DataSection) -> DataSection:
        """`data` as it is served in this phase; the section itself where that is the same."""
        changes: dict[str, Any] = {}
        if self.batch_size is not None:
            changes |= {"batch_size": self.batch_size, "per_replica": self.per_replica}
        if self.augment is not None:
            changes["augment"] = self.augment
        if self.augment_by is not None:
            changes["augment_by"] = self.augment_by
        if not changes:
            return section
        said = {key: span for key, span in self.train.spans.items() if key in self.own}
        return replace(section, spans={**section.spans, **said}, **changes)


@dataclass(frozen=True, slots=True)
class Spec:
    """A whole spec. `model` is always there; without `data` and `train` it can only be built.

    plugins: the files that bring words of their own, relative to the folder of the spec.
    """

    name: str
    description: str
    model: ModelSection
    data: DataSection | None
    train: TrainSection | None
    export: tuple[Object, ...]
    span: Span = field(compare=False)
    plugins: tuple[str, ...] = ()


def _written(batch_size: int | str, per_replica: bool) -> int | str | dict[str, int | str]:
    return {"per_replica": batch_size} if per_replica else batch_size
