"""Every phase of a run checked before the first step: the third must not fail after hours."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from modelforge.findings import Findings
from modelforge.graph import Loaded
from modelforge.spec import Phase
from modelforge.train.callbacks import check_packages, make_callbacks
from modelforge.train.checks.batches import check_batches
from modelforge.train.checks.compilation import check_compilation
from modelforge.train.checks.monitors import check_monitors
from modelforge.train.checks.places import check_fields, check_places
from modelforge.train.checks.rates import check_rates
from modelforge.train.checks.symbolic import build_symbolically
from modelforge.train.execute import Execution
from modelforge.train.features.plan import plan_features
from modelforge.train.rate_scaling import scale_rate
from modelforge.train.stage import Stage


def make_stages(
    loaded: Loaded, executions: Sequence[Execution], findings: Findings
) -> tuple[Stage, ...]:
    """The phases of a run, one for each execution; the model is left as the first one needs it.

    Raises Refused with what is wrong in any of them.
    """
    train = loaded.spec.train
    assert train is not None
    made = [
        _stage(number, phase, loaded, execution, findings)
        for number, (phase, execution) in enumerate(zip(train.parts, executions, strict=True))
    ]
    findings.stop_on_errors()
    # The first one comes last: the model is compiled for it then.
    built = [_built(stage, findings) for stage in reversed(made)]
    findings.stop_on_errors()
    return tuple(reversed(built))


def _stage(
    number: int, phase: Phase, loaded: Loaded, execution: Execution, findings: Findings
) -> Stage:
    """The phase, with everything found that can be told without Keras."""
    data, train, placement = loaded.spec.data, phase.train, execution.placement
    assert data is not None
    compiled = scale_rate(train, placement.replicas, loaded.catalog, findings)
    check_rates(train, findings)
    check_batches(phase.data(data), execution.bundle, placement, findings)
    check_compilation(train, placement, findings)
    check_packages(train.callbacks, findings)
    check_places(train.callbacks, findings)
    return Stage(number, phase, compiled, loaded.graph, execution)


def _built(stage: Stage, findings: Findings) -> Stage:
    """The stage with the names of its values, once Keras has built what it is compiled with."""
    frozen, rates = stage.compile()
    build_symbolically(stage.execution, stage.train, stage.graph)
    names = stage.execution.value_names()
    check_fields(stage.train.callbacks, names, findings)
    with tempfile.TemporaryDirectory() as folder:
        made = make_callbacks(stage.train.callbacks, Path(folder))
        check_monitors(made, names, stage.execution.model, findings)
    features = plan_features(stage.execution, stage.phase, findings)
    return replace(stage, names=names, frozen=frozen, rates=rates, features=features)
