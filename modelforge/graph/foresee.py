"""What can be told of a model before TensorFlow is imported, and what is wrong with it already."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.findings import Findings
from modelforge.graph.agreement.inputs import check_inputs
from modelforge.graph.agreement.ranked import check_ranked
from modelforge.graph.backbones import check_backbones
from modelforge.graph.budget import check_budget
from modelforge.graph.categories import check_categories
from modelforge.graph.constructors import check_constructors
from modelforge.graph.dtypes import entrances, infer_dtypes, precision_of
from modelforge.graph.given import Given
from modelforge.graph.graph import Graph
from modelforge.graph.penalties import check_penalties
from modelforge.graph.running import check_running
from modelforge.graph.shapes import infer
from modelforge.graph.shapes.known import Known
from modelforge.graph.steps import check_steps
from modelforge.spec import Spec
from modelforge.spec.freezing import is_asked


def foresee(
    graph: Graph, spec: Spec, data: Given, findings: Findings, *, allow_large: bool
) -> dict[str, Known]:
    """Shapes, dtypes, parameters by node; adds layers that do not fit, and what is too large."""
    before = len(findings.errors)
    known = infer(graph, data.shapes, findings)
    if len(findings.errors) == before:
        check_running(graph, known, data.shapes, findings)
    precision = precision_of(spec)
    if precision is not None:
        given = entrances(graph, data if spec.data else None, precision.floatx)
        known = infer_dtypes(graph, known, given, precision, findings)
    if not allow_large:
        # A clash can come of a size that is wrong, which says nothing of the memory.
        check_budget(graph, known, spec, data, findings, whole=len(findings.errors) == before)
    return known


def check_fit(
    graph: Graph, spec: Spec, data: Given, known: Mapping[str, Known], findings: Findings
) -> None:
    """Adds arguments that do not go together, and what does not fit the data."""
    check_constructors(graph, spec, findings)
    check_backbones(graph, findings)
    check_steps(graph, known, findings)
    check_categories(graph, findings)
    precision = precision_of(spec)
    if spec.train is not None and precision is not None:
        check_penalties(graph, known, spec.train, precision, findings)
        for phase in spec.train.parts:
            check_ranked(phase.train, graph, known, findings)
    check_inputs(graph, data, findings)
    phases = spec.train.parts if spec.train is not None else ()
    if any(is_asked(phase.train) for phase in phases):
        from modelforge.graph.freezing.check import check_freezing  # few specs freeze anything

        for phase in phases:
            served = phase.data(spec.data) if spec.data is not None else None
            check_freezing(graph, known, phase.train, served, findings)
    if any(phase.train.learning_rate_multipliers for phase in phases):
        from modelforge.graph.rates.check import check_multipliers  # as few

        for phase in phases:
            check_multipliers(graph, known, phase.train, findings)
    if spec.train is not None and spec.data is not None:
        from modelforge.graph.agreement.check import check_agreement
        from modelforge.graph.agreement.learned import check_learned

        shapes = {name: it.shape for name, it in known.items() if it.shape is not None}
        # Where names are wrong, what is compared may not be what is meant.
        if check_learned(graph, spec.data, data, findings):
            for phase in spec.train.parts:
                check_agreement(phase.train, graph, shapes, data, findings)
