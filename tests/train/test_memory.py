"""The memory of the machine: what cannot be held is refused, what may not fit is warned of."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelforge.findings import Findings
from modelforge.graph import Given, Loaded, load
from modelforge.train.checks.memory import check_memory, memory_here
from modelforge.train.strategy import Placement

SPEC = """\
modelforge: 1
data: {train: Digits, batch_size: 64}
model:
  layers: [Flatten, {Dense: 1000}, {Dense: 10, name: digit}]
train: {loss: {SparseCategoricalCrossentropy: {from_logits: true}}, optimizer: Adam}
"""
WEIGHTS = 4 * 4 * (64 * 1000 + 1000 + 1000 * 10 + 10)  # with gradients and two slots
OUTPUTS = 4 * 64 * (64 + 1000 + 10)
CPU = Placement("none", 1, ("CPU:0",))


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    path = tmp_path / "spec.yaml"
    path.write_text(SPEC, encoding="utf-8")
    found = load(str(path), (), Findings())
    assert found is not None
    return found


def ask(loaded: Loaded, has: int, placement: Placement = CPU) -> list[str]:
    findings = Findings()
    check_memory(loaded, Given(), placement, findings, has)
    return [f"{item.severity}: {item.message}" for item in findings]


def test_what_fits_is_not_spoken_of(loaded: Loaded) -> None:
    assert ask(loaded, WEIGHTS + OUTPUTS) == []


def test_weights_that_cannot_be_held(loaded: Loaded) -> None:
    (said,) = ask(loaded, WEIGHTS - 1)
    assert said == (
        "error: weights, gradients and optimizer would take 1.1 MiB; this machine has 1.1 MiB"
    )


def test_outputs_that_may_be_too_much(loaded: Loaded) -> None:
    (said,) = ask(loaded, WEIGHTS + OUTPUTS - 1)
    assert said.startswith("warning: training the model may take about 1.4 MiB; this machine has")


def test_a_gpu_has_a_memory_of_its_own(loaded: Loaded) -> None:
    assert ask(loaded, 1, Placement("none", 1, ("GPU:0",))) == []


def test_this_machine_has_some() -> None:
    assert (memory_here() or 0) > 2**26
