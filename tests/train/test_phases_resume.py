"""A run in phases that was stopped in any of them comes to the same as one that was not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelforge.findings import Refused, Stopped
from modelforge.runs import RunFolder
from modelforge.train import Outcome
from modelforge.train.checkpoints import Checkpoints
from modelforge.train.position import Position
from modelforge.train.progress import EpochDone, Silent
from train.conftest import Train
from train.test_phases import rows_of, spec, values
from train.test_resume import Crash, Interrupting, _only_run

# The first phase is ended by its callback, after three epochs of nine.
STOPPING = "callbacks: [{EarlyStopping: {monitor: val_loss, patience: 2, min_delta: 10}}]"
THREE = spec(
    f"name: head, epochs: 9, freeze: backbone, {STOPPING}",
    "name: tune, batch_size: 40, optimizer: {SGD: {learning_rate: 0.05, momentum: 0.9}}",
    "name: whole, epochs: 2, start: last, augment: [{GaussianNoise: 0.1}]",
)


def state_of(folder: RunFolder) -> dict[str, np.ndarray]:
    snapshot = Checkpoints(folder.checkpoints).newest(print)
    assert snapshot is not None
    return dict(snapshot.variables)


def same(one: RunFolder, other: RunFolder) -> None:
    """Histories, phases and every variable are the same to the last bit."""
    assert rows_of(one) == rows_of(other)
    first, second = one.state(), other.state()
    assert first is not None and second is not None
    assert first.phases == second.phases
    assert (first.best_epoch, first.best) == (second.best_epoch, second.best)
    arrays, others = state_of(one), state_of(other)
    assert arrays.keys() == others.keys()
    assert all(np.array_equal(arrays[name], others[name]) for name in arrays)


class EndingOnce(Silent):
    """Crashes after an epoch, as a process that is killed between two phases."""

    def __init__(self, after: int) -> None:
        self.after = after

    def epoch(self, done: EpochDone) -> None:
        if done.epoch == self.after:
            raise Crash

    def step(self, position: Position, logs: Mapping[str, Any]) -> None:
        """Nothing."""


@pytest.fixture
def whole(trained: Train) -> Outcome:
    outcome = trained(THREE)
    names = values(outcome, "phase")
    assert names == ["head"] * 3 + ["tune"] * 2 + ["whole"] * 2
    return outcome


def test_a_run_stopped_in_each_of_its_phases_is_the_run_that_was_not(
    trained: Train, whole: Outcome, tmp_path: Path
) -> None:
    stops = [Position(1, 3), Position(3, 2), Position(4, 1), Position(6, 8)]
    with pytest.raises(Stopped):
        trained(THREE, "name=stopped", reporter=Interrupting(stops[0]))
    (state,) = (tmp_path / "runs" / "stopped").glob("*/state.json")
    folder = RunFolder(state.parent)
    for stop in stops[1:]:
        with pytest.raises(Stopped):
            trained(THREE, "name=stopped", resume=folder, reporter=Interrupting(stop))
    trained(THREE, "name=stopped", resume=folder)
    same(folder, whole.folder)
    log = folder.log.read_text(encoding="utf-8")
    assert "resuming after epoch 4, step 2" in log
    assert log.count("phase tune: ") == 1


@pytest.mark.parametrize("after", [3, 4, 5])
def test_a_run_that_ended_between_two_checkpoints_is_the_run_that_did_not(
    trained: Train, whole: Outcome, tmp_path: Path, after: int
) -> None:
    # Epoch 4 is the best of its phase by then, and no checkpoint tells of the phase yet.
    seldom = "train.checkpoint.every_epochs=9"
    text = THREE.replace("  phases:", "  checkpoint: {every_epochs: 1}\n  phases:")
    with pytest.raises(Crash):
        trained(text, seldom, "name=ended", reporter=EndingOnce(after))
    (state,) = (tmp_path / "runs" / "ended").glob("*/state.json")
    folder = RunFolder(state.parent)
    trained(text, seldom, "name=ended", resume=folder)
    same(folder, whole.folder)


def test_a_lost_best_of_a_phase_is_told_and_the_run_goes_on(trained: Train, tmp_path: Path) -> None:
    with pytest.raises(Crash):
        trained(THREE, reporter=EndingOnce(3))
    folder = _only_run(tmp_path / "runs")
    (folder.checkpoints / "best-of-phase-1.npz").unlink()
    outcome = trained(THREE, resume=folder)
    log = folder.log.read_text(encoding="utf-8")
    assert "the best of the phase is not that of the checkpoint" in log
    assert "phase tune: 2 epochs from epoch 4; weights as the phase before left them" in log
    assert outcome.state.state == "finished"


def test_a_phase_that_runs_or_comes_may_have_more_epochs(trained: Train, tmp_path: Path) -> None:
    text = spec("name: one", "name: two", "name: three")
    with pytest.raises(Stopped):
        trained(text, reporter=Interrupting(Position(2, 3)))
    folder = _only_run(tmp_path / "runs")
    more = ("train.phases.two.epochs=3", "train.phases.2.epochs=1")
    longer = spec("name: one", "name: two, epochs: 2", "name: three, epochs: 2")
    with pytest.raises(Refused, match=r"`train\.phases\.1\.epochs`"):
        trained(spec("name: one", "name: two, epochs: 3", "name: three"), resume=folder)
    outcome = trained(longer, *more, "name=other")
    written = text.replace("name: two", "name: two, epochs: 2")
    written = written.replace("name: three", "name: three, epochs: 2")
    resumed = trained(written, *more, resume=folder, allow=["train.phases"])
    same(resumed.folder, outcome.folder)
    assert values(resumed, "phase") == ["one"] * 2 + ["two"] * 3 + ["three"]


def test_a_phase_that_is_done_cannot_be_changed(trained: Train, tmp_path: Path) -> None:
    text = spec("name: one, epochs: 2", "name: two, epochs: 2", "name: three")
    with pytest.raises(Stopped):
        trained(text, reporter=Interrupting(Position(2, 3)))
    folder = _only_run(tmp_path / "runs")
    with pytest.raises(Refused) as refused:
        trained(text, "train.phases.one.epochs=3", resume=folder)
    (finding,) = refused.value.findings
    assert finding.message.startswith("`train.phases.0.epochs` is `3` and was `2`")
    assert finding.notes[0] == "the phase `one` is done"
    assert trained(text, "train.epochs=1", resume=folder).state.epochs == 5


def test_what_a_done_phase_has_from_train_is_said_in_the_phase_that_runs(
    trained: Train, tmp_path: Path
) -> None:
    text = spec("name: one", "name: two")
    with pytest.raises(Stopped):
        trained(text, reporter=Interrupting(Position(2, 3)))
    folder = _only_run(tmp_path / "runs")
    with pytest.raises(Refused) as refused:
        trained(text, "train.epochs=5", resume=folder)
    (finding,) = refused.value.findings
    assert finding.notes[0] == "`one` is done and had it from `train`: say it in the phase `two`"


def test_a_rate_is_changed_in_the_phase_that_runs_and_not_before(
    trained: Train, tmp_path: Path
) -> None:
    slow = "optimizer: {SGD: 0.05}"
    text = spec("name: one", f"name: two, {slow}", f"name: three, {slow}")
    with pytest.raises(Stopped):
        trained(text, reporter=Interrupting(Position(2, 3)))
    folder = _only_run(tmp_path / "runs")
    rates = ("train.phases.two.optimizer.SGD=0.01", "train.phases.three.optimizer.SGD=0.02")
    with pytest.raises(Refused, match=r"`train\.phases\.1\.optimizer\.SGD\.learning_rate`"):
        trained(text, *rates, resume=folder)
    allow = ["train.phases.two.optimizer", "train.phases.three.optimizer.SGD.learning_rate"]
    outcome = trained(text, *rates, resume=folder, allow=allow)
    told = [0.01, 0.01, 0.01, 0.01, 0.02, 0.02]
    assert values(outcome, "learning_rate") == pytest.approx(told)


def test_a_finished_run_is_told_how_its_last_phase_goes_on(trained: Train) -> None:
    text = spec("name: one", "name: two")
    folder = trained(text).folder
    with pytest.raises(Refused, match="has done its 4 epochs") as refused:
        trained(text, resume=folder)
    assert refused.value.findings[0].notes == ("for more of them: --set train.phases.two.epochs=4",)
    more = spec("name: one", "name: two, epochs: 2")
    assert trained(more, "train.phases.two.epochs=4", resume=trained(more).folder).state.epochs == 6


def test_a_finished_run_gets_another_phase(trained: Train) -> None:
    text = spec("name: one", "name: two")
    folder = trained(text).folder
    outcome = trained(text + "    - {name: three}\n", resume=folder, allow=["train.phases"])
    assert values(outcome, "phase") == ["one"] * 2 + ["two"] * 2 + ["three"] * 2
    assert rows_of(folder) == rows_of(trained(text + "    - {name: three}\n", "name=new").folder)
    with pytest.raises(Refused) as refused:
        trained(text, resume=folder, allow=["train.phases"])
    (finding,) = refused.value.findings
    assert finding.message == "this run is in its phase `three`, and the spec has 2 phases"


def test_a_run_without_phases_gets_some(trained: Train) -> None:
    text = spec()
    folder = trained(text.replace("  phases:\n", "")).folder
    phased = text + "    - {name: one}\n    - {name: two, freeze: backbone}\n"
    outcome = trained(phased, resume=folder, allow=["train.phases"])
    assert [it["epochs"] for it in outcome.state.phases] == [2, 2]
    assert [row.get("phase") for row in rows_of(folder)] == [None, None, "two", "two"]
