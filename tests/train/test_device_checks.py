"""What cannot work over several devices is told before the first step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelforge.findings import Finding, Findings, Refused
from modelforge.train.checks.batches import check_batches
from modelforge.train.checks.compilation import check_compilation
from modelforge.train.strategy import Placement
from train.conftest import IRIS, Prepare

CPUS = Placement("MirroredStrategy", 4, ("CPU:0", "CPU:1", "CPU:2", "CPU:3"))
GPUS = Placement("MirroredStrategy", 2, ("GPU:0", "GPU:1"))
# Each of two workers has a single CPU.
WORKERS = Placement("MultiWorkerMirroredStrategy", 2, ("CPU:0",), None, 0, 2)


def _batches(prepare: Prepare, batch_size: int) -> list[Finding]:
    prepared = prepare(IRIS, f"data.batch_size={batch_size}")
    findings = Findings()
    assert prepared.spec.data is not None
    check_batches(prepared.spec.data, prepared.bundle, CPUS, findings)
    return list(findings)


def test_a_batch_that_leaves_devices_without_a_sample_is_refused(prepare: Prepare) -> None:
    (finding,) = _batches(prepare, 3)
    assert finding.rule == "batch-too-small"
    assert finding.message == "a batch of 3 cannot be divided among 4 devices"
    assert finding.span is not None and finding.span.source.name == "--set"


@pytest.mark.parametrize(
    ("devices", "message"),
    [
        ("[cpu:0, CPU:0]", "the device `CPU:0` is named twice"),
        ("[TPU:0]", "this machine has no device `TPU:0`"),
    ],
)
def test_a_device_that_cannot_be_is_named(prepare: Prepare, devices: str, message: str) -> None:
    with pytest.raises(Refused) as refused:
        prepare(IRIS, f"train.distribute={{MirroredStrategy: {{devices: {devices}}}}}")
    assert refused.value.findings[0].message == message


def test_a_batch_that_is_divided_unevenly_is_not_blamed(prepare: Prepare) -> None:
    assert _batches(prepare, 5) == []


@pytest.mark.parametrize(
    ("jit", "precision", "placement", "rules"),
    [
        (True, "float32", CPUS, ["jit-of-cpus"]),
        (True, "float32", WORKERS, ["jit-of-cpus"]),
        (True, "float32", GPUS, []),
        (True, "mixed_bfloat16", GPUS, []),
        (True, "mixed_float16", GPUS, ["jit-of-float16"]),
        ("auto", "mixed_float16", GPUS, []),
        (True, "mixed_float16", Placement("none", 1, ("GPU:0",)), []),
    ],
)
def test_xla_is_refused_where_it_fails(
    prepare: Prepare, jit: bool | str, precision: str, placement: Placement, rules: list[str]
) -> None:
    train = replace(prepare().train, jit_compile=jit, precision=precision)
    findings = Findings()
    check_compilation(train, placement, findings)
    assert [it.rule for it in findings] == rules
