"""Runs whose layers have learning rates of their own: phases, resume, what is saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelforge.findings import Refused, Stopped
from modelforge.runs import RunFolder
from modelforge.train.position import Position
from train.conftest import Train
from train.test_phases import spec
from train.test_phases_resume import same, state_of
from train.test_resume import Interrupting

TWO = spec(
    "name: head, freeze: backbone",
    "name: tune, optimizer: {AdamW: 0.02}, layer_decay: 0.5, "
    "learning_rate_multipliers: {first: 0.5}",
)
LINES = [
    "backbone: 0.125 to 0.5 times the learning rate (2 layers with weights)",
    "head: 1 times the learning rate",
]


def test_a_run_stopped_among_them_is_the_run_that_was_not(trained: Train, tmp_path: Path) -> None:
    whole = trained(TWO).folder
    log = (whole.path / "log.txt").read_text(encoding="utf-8")
    assert all(log.count(line) == 1 for line in LINES)
    assert log.index(LINES[0]) > log.index("phase tune")
    with pytest.raises(Stopped):
        trained(TWO, "name=stopped", reporter=Interrupting(Position(2, 3)))
    (state,) = (tmp_path / "runs" / "stopped").glob("*/state.json")
    folder = RunFolder(state.parent)
    trained(TWO, "name=stopped", resume=folder)
    same(folder, whole)


def test_other_rates_are_another_run(trained: Train, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        trained(TWO, reporter=Interrupting(Position(2, 3)))
    (state,) = (tmp_path / "runs").glob("*/*/state.json")
    folder = RunFolder(state.parent)
    with pytest.raises(Refused) as refused:
        trained(TWO, "train.phases.1.layer_decay=0.25", resume=folder)
    (finding,) = refused.value.findings
    assert finding.rule == "resume-differs"
    assert "layer_decay` is `0.25` and was `0.5`" in finding.message


def test_the_optimizer_goes_on_from_a_phase_without_them(trained: Train) -> None:
    text = spec("name: even", "name: tune, layer_decay: 0.5")
    folder = trained(text).folder
    log = (folder.path / "log.txt").read_text(encoding="utf-8")
    assert "phase tune" in log and "the optimizer goes on" in log
    iterations = next(it for name, it in state_of(folder).items() if name.endswith("/iteration"))
    assert iterations == 2 * 2 * 8  # epochs of both phases; 120 samples in batches of 16
