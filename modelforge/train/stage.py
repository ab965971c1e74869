"""A phase of a run, made ready: what is compiled for it, and how its data is served."""

from __future__ import annotations

from dataclasses import dataclass, field

from modelforge.build import compile_model
from modelforge.build.freezing import apply_freezing
from modelforge.build.rates import find_rates
from modelforge.data.bundle import Bundle
from modelforge.graph import Graph
from modelforge.graph.freezing.frozen import Frozen
from modelforge.graph.rates.rates import Rates
from modelforge.spec import Phase, TrainSection
from modelforge.train.execute import Execution
from modelforge.train.features.plan import Plan


@dataclass(frozen=True)
class Stage:
    """A run has one or more of them, over one model; a run without phases is one without a name.

    phase: as the spec says it. compiled: its `train`, with the learning rate scaled.
    names: the values that each of its epochs will have. frozen: the layers that keep their weights.
    rates: what the learning rates of the others are multiplied by. features: what is computed once
    for each sample; None where every step computes all.
    """

    number: int
    phase: Phase
    compiled: TrainSection
    graph: Graph
    execution: Execution
    names: tuple[str, ...] = ()
    frozen: Frozen = field(default_factory=lambda: Frozen({}))
    rates: Rates = field(default_factory=lambda: Rates({}))
    features: Plan | None = None

    @property
    def name(self) -> str:
        """What the phase is called; empty where the run has no phases."""
        return self.phase.name

    @property
    def train(self) -> TrainSection:
        """`train` as it is meant in this phase."""
        return self.phase.train

    @property
    def bundle(self) -> Bundle:
        """The data as this phase is served with it."""
        return self.execution.bundle

    @property
    def epochs(self) -> int:
        """How many epochs it has at most."""
        assert isinstance(self.train.epochs, int)
        return self.train.epochs

    def compile(self) -> tuple[Frozen, Rates]:
        """Freezes what the phase does not train; new optimizer, losses and metrics, not yet built.

        Raises Refused where no layer is called as what it shall freeze, or give a rate of its own.
        """
        model, train = self.execution.model, self.train
        with self.execution.placement.scope():
            frozen = apply_freezing(model, self.graph, train.freeze, train.batch_norm)
            rates = find_rates(model, self.graph, train, frozen)
            compile_model(model, self.compiled, self.graph.outputs, rates)
        return frozen, rates.rates

    def enter(self) -> None:
        """Makes the model that of this phase: the weights stay, everything else is new.

        Keras asks for compiling again wherever `trainable` has been changed.
        """
        # What was traced when the phase was checked has metrics that are no longer those.
        self.execution.forget()
        self.compile()
        self.execution.build()
        # The callback that ended the phase before has said so here.
        self.execution.model.stop_training = False
