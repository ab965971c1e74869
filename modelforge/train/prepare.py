"""Everything that comes before the first step: data, model, and every check (`train --dry-run`)."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from modelforge.build import build_model, compile_model, precision
from modelforge.build.freezing import apply_freezing
from modelforge.build.objects import make
from modelforge.data.bundle import Bundle
from modelforge.data.open import open_data
from modelforge.findings import Findings, Refused, refuse
from modelforge.graph import Given, Graph, Loaded, load, settle
from modelforge.graph.agreement.check import check_agreement
from modelforge.graph.written import blaming
from modelforge.spec import DataSection, Spec, TrainSection
from modelforge.train.callbacks import check_packages, make_callbacks
from modelforge.train.checks.batches import check_batches
from modelforge.train.checks.compilation import check_compilation
from modelforge.train.checks.memory import check_memory
from modelforge.train.checks.monitors import check_monitors
from modelforge.train.checks.places import check_fields, check_places
from modelforge.train.checks.rates import check_rates
from modelforge.train.checks.symbolic import build_symbolically
from modelforge.train.execute import Execution
from modelforge.train.rate_scaling import scale_rate
from modelforge.train.reproducible import make_reproducible
from modelforge.train.strategy import Placement, place
from modelforge.train.targets import measured_batches, training_batches
from modelforge.train.watched import facts_of
from modelforge.workers import supervisor_link


@dataclass(frozen=True)
class Prepared:
    """A spec that is ready to be trained.

    spec, graph: with everything filled in that the data tells. root: the folder of the spec.
    names: the values that every epoch will have.
    """

    loaded: Loaded
    spec: Spec
    graph: Graph
    root: Path
    bundle: Bundle
    placement: Placement
    execution: Execution
    names: tuple[str, ...]

    @property
    def model(self) -> keras.Model:
        """The compiled model."""
        return self.execution.model

    @property
    def train(self) -> TrainSection:
        """The spec's `train`."""
        assert self.spec.train is not None
        return self.spec.train

    @property
    def epochs(self) -> int:
        """How many epochs are asked for."""
        assert isinstance(self.train.epochs, int)
        return self.train.epochs


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
    link = supervisor_link()
    if link is not None and placement.workers > 1:
        # Before any variable is made: TensorFlow hangs where workers make different ones.
        link.compare(facts_of(settled, bundle))
    execution = _build(settled, bundle, placement, findings)
    names = _check(settled, execution, findings)
    return Prepared(settled, settled.spec, settled.graph, root, bundle, placement, execution, names)


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


def _build(loaded: Loaded, bundle: Bundle, placement: Placement, findings: Findings) -> Execution:
    _, train = _sections(loaded.spec)
    check_memory(loaded, bundle.given, placement, findings)
    findings.stop_on_errors()
    # Seeded again: how many random numbers opening the data drew must not change the weights.
    make_reproducible(train)
    with placement.scope():
        with precision(train.precision):
            model = build_model(loaded.graph, bundle.inputs, loaded.spec.name, findings)
        _check_agreement(loaded, model, bundle.given, findings)
        frozen = apply_freezing(model, loaded.graph, train.freeze, train.batch_norm)
        scaled = scale_rate(train, placement.replicas, loaded.catalog, findings)
        findings.stop_on_errors()
        compile_model(model, scaled, loaded.graph.outputs)
    findings.stop_on_errors()
    return Execution(
        model,
        bundle,
        placement,
        training_batches(train, bundle, loaded.graph.outputs),
        measured_batches(loaded.graph.outputs),
        frozen,
    )


def _check_agreement(loaded: Loaded, model: keras.Model, data: Given, findings: Findings) -> None:
    _, train = _sections(loaded.spec)
    names = loaded.graph.outputs
    shapes = {name: tuple(tensor.shape) for name, tensor in zip(names, model.outputs, strict=True)}
    check_agreement(train, loaded.graph, shapes, data, findings)


def _check(loaded: Loaded, execution: Execution, findings: Findings) -> tuple[str, ...]:
    data, train = _sections(loaded.spec)
    check_rates(train, findings)
    check_batches(data, execution.bundle, execution.placement, findings)
    check_compilation(train, execution.placement, findings)
    check_packages(train.callbacks, findings)
    check_places(train.callbacks, findings)
    findings.stop_on_errors()
    build_symbolically(execution, train, loaded.graph)
    names = execution.value_names()
    check_fields(train.callbacks, names, findings)
    with tempfile.TemporaryDirectory() as folder:
        made = make_callbacks(train.callbacks, Path(folder))
        check_monitors(made, names, execution.model, findings)
    findings.stop_on_errors()
    return names
