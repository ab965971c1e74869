"""XLA, and devices on which it cannot compile a step."""

from __future__ import annotations

from modelforge.findings import Findings
from modelforge.spec import TrainSection
from modelforge.train.strategy import Placement


def check_compilation(train: TrainSection, placement: Placement, findings: Findings) -> None:
    """What fails at the first step with XLA over several replicas.

    XLA cannot reach the variables of another CPU; and over several GPUs Keras cannot take back a
    step whose gradients overflow (keras#21366).
    """
    if train.jit_compile is not True or placement.replicas < 2:
        return
    cpus = [name for name in placement.devices if name.startswith("CPU:")]
    if cpus:
        findings.error(
            "jit-of-cpus",
            f"`jit_compile: true` does not work over {placement.replicas} CPU devices",
            train.span_of("jit_compile"),
            hint="leave it out",
        )
    elif train.precision == "mixed_float16":
        findings.error(
            "jit-of-float16",
            f"`jit_compile: true` does not work with `mixed_float16` over {placement.replicas} "
            "devices",
            train.span_of("jit_compile"),
            hint="leave it out, or use `precision: mixed_bfloat16`",
        )
