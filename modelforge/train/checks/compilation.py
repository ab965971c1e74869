"""XLA, and devices on which it cannot compile a step."""

from __future__ import annotations

from modelforge.findings import Findings
from modelforge.spec import TrainSection
from modelforge.train.strategy import Placement


def check_compilation(train: TrainSection, placement: Placement, findings: Findings) -> None:
    """XLA's step cannot reach the variables of a second CPU; it fails at the first step."""
    cpus = [name for name in placement.devices if name.startswith("CPU:")]
    if train.jit_compile is True and len(cpus) > 1:
        findings.error(
            "jit-of-cpus",
            f"`jit_compile: true` does not work over {len(cpus)} CPU devices",
            train.span_of("jit_compile"),
            hint="leave it out",
        )
