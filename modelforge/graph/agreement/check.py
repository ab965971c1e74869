"""The front door: the model's outputs against losses, metrics, class weights and the target."""

from __future__ import annotations

from modelforge.findings import Findings
from modelforge.graph.agreement.losses import check_losses
from modelforge.graph.agreement.metrics import check_metrics
from modelforge.graph.agreement.target import Output
from modelforge.graph.agreement.weights import check_class_weight
from modelforge.graph.given import Given
from modelforge.spec import TrainSection


def check_agreement(
    train: TrainSection, outputs: tuple[Output, ...], data: Given, findings: Findings
) -> None:
    """Adds what does not agree with the data's target, which must be known."""
    check_losses(train, outputs, data, findings)
    check_metrics(train, outputs, data, findings)
    check_class_weight(train, data, len(outputs), findings)
