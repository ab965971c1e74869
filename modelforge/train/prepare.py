"""Everything that comes before the first step: data, model, and every check (`train --dry-run`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from modelforge.build import build_model, precision
from modelforge.build.objects import make
from modelforge.data.bundle import Bundle
from modelforge.data.open import open_data
from modelforge.findings import Findings, Refused, refuse
from modelforge.graph import Graph, Loaded, load, settle
from modelforge.graph.agreement.check import check_agreement
from modelforge.graph.written import blaming
from modelforge.spec import DataSection, Phase, Spec, TrainSection
from modelforge.train.checks.memory import check_memory
from modelforge.train.checks.onednn import check_onednn
from modelforge.train.execute import Execution
from modelforge.train.reproducible import make_reproducible
from modelforge.train.stage import Stage
from modelforge.train.stages import make_stages
from modelforge.train.strategy import Placement, place
from modelforge.train.targets import measured_batches, training_batches
from modelforge.train.watched import facts_of
from modelforge.workers import supervisor_link


@dataclass(frozen=True)
class Prepared:
    """A spec that is ready to be trained.

    spec, graph: with everything filled in that the data tells. root: the folder of the spec.
    bundle: the data as `data` says it. stages: the phases of the run, one where the spec has none;
    the model is that of the first.
    """

    loaded: Loaded
    spec: Spec
    graph: Graph
    root: Path
    bundle: Bundle
    placement: Placement
    stages: tuple[Stage, ...]

    @property
    def execution(self) -> Execution:
        """What the first phase runs."""
        return self.stages[0].execution

    @property
    def model(self) -> keras.Model:
        """The compiled model."""
        return self.execution.model

    @property
    def names(self) -> tuple[str, ...]:
        """The values that every epoch of the first phase will have."""
        return self.stages[0].names

    @property
    def train(self) -> TrainSection:
        """The spec's `train`."""
        assert self.spec.train is not None
        return self.spec.train

    @property
    def epochs(self) -> int:
        """How many epochs are asked for, over all phases."""
        return sum(stage.epochs for stage in self.stages)


def prepare_model(path: str, overrides: Sequence[str], findings: Findings) -> Prepared:
    """The whole way from a file to what can be trained; see `prepare`."""
    loaded = load(path, overrides, findings)
    if loaded is None:
        raise Refused(list(findings))
    return prepare(loaded, findings)


def prepare(loaded: Loaded, findings: Findings, root: Path | None = None) -> Prepared:
    """Opens the data, builds and compiles the model, and checks all; no step is made.

    root: the folder that relative paths start from; the spec's own where it is left out. Raises
    Refused with everything found if there is an error among it; warnings stay in `findings`.
    """
    root = root or Path(loaded.source.name).parent
    with blaming(loaded.root, findings):
        return _prepared(loaded, findings, root)


def _prepared(loaded: Loaded, findings: Findings, root: Path) -> Prepared:
    data, train = _sections(loaded.spec)
    make_reproducible(train)
    placement = place(train.distribute)
    augment = [make(item) for item in data.augment]
    bundle = open_data(data, root, findings, augment, placement.replicas)
    findings.stop_on_errors()
    settled = settle(loaded, bundle.given, findings)
    findings.stop_on_errors()
    assert settled is not None
    served = _served(settled, bundle, findings)
    link = supervisor_link()
    if link is not None and placement.workers > 1:
        # Before any variable is made: TensorFlow hangs where workers make different ones.
        link.compare(facts_of(settled, bundle))
    model = _build(settled, bundle, placement, findings)
    executions = [
        Execution(
            model,
            each,
            placement,
            training_batches(phase.train, each, settled.graph.outputs),
            measured_batches(settled.graph.outputs),
        )
        for phase, each in zip(_parts(settled), served, strict=True)
    ]
    stages = make_stages(settled, executions, findings)
    return Prepared(settled, settled.spec, settled.graph, root, bundle, placement, stages)


def _sections(spec: Spec) -> tuple[DataSection, TrainSection]:
    for name in ("data", "train"):
        if getattr(spec, name) is None:
            raise refuse(
                f"no-{name}",
                f"the spec has no `{name}`, so there is nothing to train",
                notes=["`modelforge new` writes a spec that has everything"],
            )
    assert spec.data is not None and spec.train is not None
    return spec.data, spec.train


def _parts(loaded: Loaded) -> tuple[Phase, ...]:
    return _sections(loaded.spec)[1].parts


def _served(loaded: Loaded, bundle: Bundle, findings: Findings) -> list[Bundle]:
    """The data as each phase is served with it."""
    data, train = _sections(loaded.spec)
    served = []
    for phase in train.parts:
        section = phase.data(data)
        if section is data or bundle.serve is None:
            served.append(bundle)
        else:
            layers = [make(item) for item in section.augment]
            served.append(bundle.serve(section, layers, findings))
    return served


def _build(loaded: Loaded, bundle: Bundle, placement: Placement, findings: Findings) -> keras.Model:
    """The model, not yet compiled; what its outputs are agrees with the data."""
    _, train = _sections(loaded.spec)
    check_memory(loaded, bundle.given, placement, findings)
    findings.stop_on_errors()
    # Seeded again: how many random numbers opening the data drew must not change the weights.
    make_reproducible(train)
    with placement.scope(), precision(train.precision):
        model = build_model(loaded.graph, bundle.inputs, loaded.spec.name, findings)
    check_onednn(model, train.span, findings)
    names = loaded.graph.outputs
    shapes = {name: tuple(tensor.shape) for name, tensor in zip(names, model.outputs, strict=True)}
    for phase in train.parts:
        check_agreement(phase.train, loaded.graph, shapes, bundle.given, findings)
    return model
