"""A run that was stopped goes on where it stood, and comes to the same as one that was not."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from modelforge.findings import Refused, Stopped
from modelforge.runs import RunFolder, read_history
from modelforge.train.beginning import fingerprint_of
from modelforge.train.checkpoints.fingerprint import changes, refuse_changes
from modelforge.train.position import Position
from modelforge.train.progress import EpochDone, Silent
from train.conftest import DIABETES, IRIS, Prepare, Train

EXACT = IRIS.replace("deterministic: false", "deterministic: true")

_DECAY = "{ExponentialDecay: {initial_learning_rate: 0.01, decay_steps: 100, decay_rate: 0.5}}"


class Crash(Exception):
    """Ends a run as a defect would: nothing more is saved."""


class Interrupting(Silent):
    """Sends a signal to this process at a step; crashes after the checkpoint of an epoch."""

    def __init__(self, at: Position, number: int = signal.SIGINT) -> None:
        self.at = at
        self.number = number

    def step(self, position: Position, logs: Mapping[str, Any]) -> None:
        if position == self.at:
            os.kill(os.getpid(), self.number)

    def epoch(self, done: EpochDone) -> None:
        if Position(done.epoch) == self.at:
            raise Crash


def _only_run(runs: Path) -> RunFolder:
    (state,) = runs.glob("*/*/state.json")
    return RunFolder(state.parent)


def _rows(folder: RunFolder) -> list[dict[str, float]]:
    return [{k: v for k, v in row.items() if k != "seconds"} for row in read_history(folder.path)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_saves_and_says_how_to_go_on(trained: Train, tmp_path: Path, number: int) -> None:
    before = signal.getsignal(number)
    with pytest.raises(Stopped) as stopped:
        trained(reporter=Interrupting(Position(1, 3), number))
    assert stopped.value.exit_code == 75
    folder = _only_run(tmp_path / "runs")
    (finding,) = stopped.value.findings
    assert f"modelforge train --resume {folder.path}" in finding.notes[0]
    state = folder.state()
    assert state is not None and state.state == "interrupted" and state.epochs == 1
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("at", [Position(1, 3), Position(1, 8)])
def test_a_resumed_run_is_the_run_that_was_never_stopped(
    trained: Train, tmp_path: Path, at: Position
) -> None:
    with pytest.raises(Stopped):
        trained(EXACT, reporter=Interrupting(at))
    folder = _only_run(tmp_path / "runs")
    trained(EXACT, resume=folder)
    whole = trained(EXACT)
    assert _rows(folder) == _rows(whole.folder)
    state = folder.state()
    assert state is not None and state.state == "finished"
    assert state.best == whole.state.best


def test_a_finished_run_goes_on_with_more_epochs(trained: Train) -> None:
    folder = trained(EXACT).folder
    trained(EXACT, "train.epochs=5", resume=folder)
    assert _rows(folder) == _rows(trained(EXACT, "train.epochs=5").folder)


def test_a_finished_run_without_more_epochs_is_left_alone(trained: Train) -> None:
    folder = trained().folder
    state = folder.state()
    with pytest.raises(Refused, match="has done its 3 epochs"):
        trained(resume=folder)
    assert folder.state() == state


def test_a_run_that_early_stopping_ended_is_told_how_to_go_on(trained: Train) -> None:
    stopping = "  callbacks: [{EarlyStopping: {monitor: val_loss, patience: 0, min_delta: 10}}]\n"
    folder = trained(IRIS + stopping, "train.epochs=9").folder
    with pytest.raises(Refused, match="was ended by a callback after 2 of its 9 epochs") as refused:
        trained(IRIS + stopping, "train.epochs=9", resume=folder)
    (note,) = refused.value.findings[0].notes
    told = "train.callbacks.0.EarlyStopping.patience=5"
    assert note == f"give it more patience: --set {told}"
    assert trained(IRIS + stopping, "train.epochs=9", told, resume=folder).state.epochs > 2


def test_a_damaged_checkpoint_is_passed_over(trained: Train) -> None:
    folder = trained(EXACT).folder
    newest = max(folder.checkpoints.iterdir())
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(bytes(content))
    trained(EXACT, "train.epochs=4", resume=folder)
    assert f"{newest} is damaged" in folder.log.read_text(encoding="utf-8")
    assert [row["epoch"] for row in _rows(folder)] == [1, 2, 3, 4]


def test_another_spec_is_refused_with_every_difference(trained: Train) -> None:
    folder = trained().folder
    with pytest.raises(Refused) as refused:
        trained(DIABETES, "train.epochs=9", resume=folder)
    told = {finding.message for finding in refused.value.findings}
    assert "`data.batch_size` is `64` and was `16` when the run was begun" in told
    assert not any("train.epochs" in message for message in told)
    batch = next(it for it in refused.value.findings if "batch_size" in it.message)
    assert batch.span is not None and batch.span.line == 6
    assert batch.notes == ("to go on nevertheless: --allow data.batch_size",)


def test_a_change_is_made_once_it_is_allowed(trained: Train) -> None:
    folder = trained(EXACT).folder
    slower = ("train.epochs=4", "train.optimizer.Adam=0.001")
    with pytest.raises(Refused, match=r"`train.optimizer.Adam.learning_rate` is `0.001`"):
        trained(EXACT, *slower, resume=folder)
    allow = ("train.optimizer",)
    assert trained(EXACT, *slower, resume=folder, allow=allow).state.epochs == 4
    log = folder.log.read_text(encoding="utf-8")
    assert "changed: `train.epochs` is `4` and was `3`" in log


@pytest.mark.parametrize("before", ["0.01", _DECAY])
@pytest.mark.parametrize("after", ["1e-20", _DECAY.replace("0.01", "1e-20")])
def test_a_learning_rate_that_may_change_is_the_one_that_trains(
    trained: Train, before: str, after: str
) -> None:
    def spec(rate: str) -> str:
        return EXACT.replace("{Adam: 0.01}", f"{{Adam: {{learning_rate: {rate}}}}}")

    folder = trained(spec(before)).folder
    trained(spec(after), "train.epochs=4", resume=folder, allow=("train.optimizer",))
    *_, third, fourth = _rows(folder)
    assert fourth["val_loss"] == pytest.approx(third["val_loss"], abs=1e-6)


def test_other_steps_for_other_replicas_are_told_as_such(prepare: Prepare) -> None:
    prepared = prepare(IRIS, "data.batch_size={per_replica: 8}")
    now = fingerprint_of(prepared)
    split = now["dataset"]["splits"]["train"]
    splits = {**now["dataset"]["splits"], "train": {**split, "steps": split["steps"] // 2}}
    before = {
        **now,
        "dataset": {**now["dataset"], "splits": splits},
        "machine": {**now["machine"], "replicas": 2},
    }
    with pytest.raises(Refused) as refused:
        refuse_changes(changes(before, now, prepared.loaded, ()), "runs/iris")
    (finding,) = refused.value.findings
    assert finding.notes == (
        "`batch_size` is `per_replica`: the run was begun with 2 replicas, and here is 1",
        "to go on nevertheless: --allow dataset.splits.train.steps",
    )


def test_a_model_that_does_not_fit_is_refused_by_its_variables(trained: Train) -> None:
    folder = trained().folder
    with pytest.raises(Refused, match="belongs to another model") as refused:
        trained(
            IRIS,
            "train.epochs=9",
            "model.layers.0.Dense.units=4",
            resume=folder,
            allow=("model",),
        )
    notes = refused.value.findings[0].notes
    assert "`model/dense/kernel` is [4, 16] in the checkpoint and [4, 4] in the model" in notes


@pytest.mark.parametrize("at", [Position(1, 3), Position(2)])
def test_weights_that_are_swapped_are_swapped_back(
    trained: Train, tmp_path: Path, at: Position
) -> None:
    swap = "  callbacks:\n    - SwapEMAWeights: {swap_on_epoch: true}\n"
    text = EXACT.replace("{Adam: 0.01}", "{Adam: {learning_rate: 0.01, use_ema: true}}") + swap
    with pytest.raises((Stopped, Crash)):
        trained(text, reporter=Interrupting(at))
    folder = _only_run(tmp_path / "runs")
    trained(text, resume=folder)
    assert _rows(folder) == _rows(trained(text).folder)
