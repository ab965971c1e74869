"""Batches that cannot be divided among the devices."""

from __future__ import annotations

from modelforge.data.bundle import Bundle
from modelforge.findings import Findings
from modelforge.spec import DataSection
from modelforge.train.strategy import Placement


def check_batches(
    data: DataSection, bundle: Bundle, placement: Placement, findings: Findings
) -> None:
    """Refuses batches that are too small for every device; the last of an epoch may be smaller."""
    if placement.replicas < 2:
        return
    span = data.spans.get("batch_size", data.span)
    size = bundle.train.batch_size
    if size < placement.replicas:
        findings.error(
            "batch-too-small",
            f"a batch of {size} cannot be divided among {placement.replicas} devices",
            span,
            notes=["`batch_size` is that of the whole step, over all devices"],
        )
