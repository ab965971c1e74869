"""The front door: the model's outputs against losses, metrics, class weights and the target."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.findings import Findings
from modelforge.graph.agreement.losses import check_losses
from modelforge.graph.agreement.metrics import check_metrics
from modelforge.graph.agreement.scores import check_scores
from modelforge.graph.agreement.target import outputs_of
from modelforge.graph.agreement.weights import check_class_weight
from modelforge.graph.given import Given
from modelforge.graph.graph import Graph
from modelforge.graph.shapes.known import Shape
from modelforge.spec import TrainSection


def check_agreement(
    train: TrainSection,
    graph: Graph,
    shapes: Mapping[str, Shape],
    data: Given,
    findings: Findings,
) -> None:
    """Adds what does not agree with the data's targets; shapes: of the outputs, where known."""
    outputs = outputs_of(graph, shapes)
    before = len(findings.errors)
    check_losses(train, outputs, data, findings)
    if len(findings.errors) == before:  # another loss takes something else
        check_scores(train, outputs, data, findings)
    check_metrics(train, outputs, data, findings)
    check_class_weight(train, data, graph.outputs, findings)
