"""Disks, terminals, clocks and other processes do to a run what can be said beforehand."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from modelforge.findings import Lost, Refused, Stopped
from modelforge.runs import RunFolder, files, read_history
from modelforge.runs.lock import locked
from modelforge.train import beginning
from modelforge.train.checkpoints import Snapshot, store
from modelforge.train.execute import Execution
from modelforge.train.position import Position
from modelforge.train.progress import Silent
from train.conftest import IRIS, Train
from train.test_resume import EXACT, Crash, Interrupting, _only_run, _rows


def _full(path: Path) -> OSError:
    return OSError(errno.ENOSPC, "No space left on device", str(path))


def _log(folder: RunFolder) -> str:
    return folder.log.read_text(encoding="utf-8")


def test_a_run_that_is_running_is_refused_with_its_owner(trained: Train) -> None:
    folder = trained().folder
    with locked(folder), pytest.raises(Refused) as refused:
        trained(IRIS, "train.epochs=4", resume=folder)
    (finding,) = refused.value.findings
    assert finding.rule == "run-in-use"
    assert f"still running, as process {os.getpid()} on " in finding.message


def test_what_a_dead_process_left_locked_is_taken_over(trained: Train) -> None:
    folder = trained().folder
    state = folder.state()
    assert state is not None
    folder.set_state(replace(state, state="running", pid=2**22 + 1))
    (folder.path / ".lock").write_text('{"pid": 4194305, "host": "here"}', encoding="utf-8")
    assert trained(IRIS, "train.epochs=4", resume=folder).state.epochs == 4


def test_the_run_of_another_machine_is_taken_over_when_that_is_allowed(trained: Train) -> None:
    folder = trained().folder
    state = folder.state()
    assert state is not None
    folder.set_state(replace(state, state="running", host="elsewhere"))
    with pytest.raises(Refused, match="still running") as refused:
        trained(IRIS, "train.epochs=4", resume=folder)
    assert refused.value.findings[0].notes == ("if that machine is gone: --allow takeover",)
    more = trained(IRIS, "train.epochs=4", resume=folder, allow=("takeover",))
    assert more.state.epochs == 4


def test_a_run_killed_before_its_first_checkpoint_begins_anew(
    trained: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched, pytest.raises(Crash):
        patched.setattr(Execution, "run", killed)
        trained(EXACT)
    folder = _only_run(tmp_path / "runs")
    trained(EXACT, resume=folder)
    assert "ended before its first checkpoint: it begins anew" in _log(folder)
    assert _rows(folder) == _rows(trained(EXACT).folder)


def test_checkpoints_that_somebody_removed_are_not_begun_anew(trained: Train) -> None:
    folder = trained().folder
    shutil.rmtree(folder.checkpoints)
    with pytest.raises(Refused, match="has no checkpoint to resume from"):
        trained(IRIS, "train.epochs=4", resume=folder)
    assert len(read_history(folder.path)) == 3


def test_a_disk_that_has_room_again_is_tried_once_more(
    trained: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, failed = store._write, []

    def full(path: Path, snapshot: Snapshot) -> None:
        if snapshot.position.epoch == 2 and not failed:
            failed.append(path)
            path.write_bytes(b"half")
            raise _full(path)
        write(path, snapshot)

    monkeypatch.setattr(store, "_write", full)
    folder = trained().folder
    assert failed
    assert "the last checkpoint is kept; trying once more" in _log(folder)
    names = sorted(path.name for path in folder.checkpoints.iterdir())
    assert names == ["000002-00000000.npz", "000003-00000000.npz"]


class Filling(Silent):
    """Fills the disk, but for checkpoints and models, once training begins."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.noted: list[str] = []
        self._monkeypatch = monkeypatch

    def begin(self, *_: object) -> None:
        def full(path: Path, *_: object) -> None:
            raise _full(path)

        self._monkeypatch.setattr(files, "append_line", full)
        self._monkeypatch.setattr(files, "write_text", full)

    def note(self, text: str) -> None:
        self.noted.append(text)


def test_a_log_on_a_full_disk_does_not_end_training(
    trained: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        filling = Filling(patched)
        outcome = trained(EXACT, reporter=filling)
    assert outcome.state.epochs == 3
    for what in ("history", "log.txt", "state.json"):
        told = f"the disk is full: {what} cannot be written; training goes on"
        assert filling.noted.count(told) == 1
    assert not read_history(outcome.folder.path)
    # Once there is room, everything comes out of the checkpoint again.
    folder = trained(EXACT, "train.epochs=4", resume=outcome.folder).folder
    assert [row["epoch"] for row in _rows(folder)] == [1, 2, 3, 4]


def test_a_folder_that_cannot_be_written_is_told_before_the_first_step(
    trained: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = trained().folder

    def closed(path: Path, _: str) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(beginning, "write_text", closed)
    with pytest.raises(Refused, match="cannot be written: Read-only file system"):
        trained(IRIS, "train.epochs=4", resume=folder)


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_a_disk_without_room_for_checkpoints_is_told_before_the_first_step(
    trained: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9 - 3000, 3000))
    with pytest.raises(Lost, match=r"the disk has 2.9 KiB left") as lost:
        trained()
    assert lost.value.exit_code == 5
    assert not list(tmp_path.glob("runs/*/*/history.csv"))


class Pipe(Silent):
    """A terminal that breaks."""

    def __init__(self) -> None:
        self.calls = 0

    def epoch(self, done: object) -> None:
        self.calls += 1
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")


def test_a_pipe_that_nobody_reads_does_not_end_training(
    trained: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelforge.train.terminal._send_nowhere", lambda _: None)
    pipe = Pipe()
    folder = trained(reporter=pipe).folder
    assert pipe.calls == 1
    log = _log(folder)
    assert "nothing can be shown any more (Broken pipe); training goes on" in log
    assert log.count("epoch ") == 3


def test_a_terminal_that_hangs_up_does_not_end_training(trained: Train) -> None:
    class HangingUp(Interrupting):
        told = 0

        def epoch(self, done: Any) -> None:
            self.told += 1

    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        reporter = HangingUp(Position(1, 3), signal.SIGHUP)
        folder = trained(reporter=reporter).folder
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)
    assert reporter.told == 1
    assert "the terminal is gone; training goes on" in _log(folder)
    assert len(_rows(folder)) == 3


def test_a_clock_that_jumps_changes_nothing(
    trained: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        jumping = iter(range(10**9, -(10**9), -(10**6)))
        patched.setattr(time, "time", lambda: float(next(jumping)))
        folder = trained(EXACT).folder
    assert all(row["seconds"] >= 0 for row in read_history(folder.path))
    assert _rows(folder) == _rows(trained(EXACT).folder)


class InValidation(Silent):
    """Sends SIGTERM once the steps of an epoch are done."""

    def step(self, position: Position, logs: Mapping[str, Any]) -> None:
        if position == Position(1, 8):
            self.asked = True


def test_a_stop_in_a_validation_does_not_wait_for_its_end(
    trained: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from modelforge.train.recorder import Recorder

    validating, steps = Recorder.validating, []

    def stopping(self: Recorder, position: Position, step: int) -> None:
        steps.append(step)
        if position == Position(1, 8) and step == 1:
            os.kill(os.getpid(), signal.SIGTERM)
        validating(self, position, step)

    text = EXACT.replace("batch_size: 16", "batch_size: 15").replace(
        "validation: 0.2", "validation: 0.4"
    )
    text = text.replace("batch_size: 15", "batch_size: 12")
    with monkeypatch.context() as patched, pytest.raises(Stopped):
        patched.setattr(Recorder, "validating", stopping)
        trained(text, reporter=InValidation())
    assert steps == [0, 1, 2, 3, 4, 0, 1]
    folder = _only_run(tmp_path / "runs")
    trained(text, resume=folder)
    assert _rows(folder) == _rows(trained(text).folder)


def test_a_callback_that_had_enough_is_not_overruled_by_a_crash(
    trained: Train, tmp_path: Path
) -> None:
    text = EXACT + "  callbacks:\n    - EarlyStopping: {monitor: loss, min_delta: 9, patience: 1}\n"
    with pytest.raises(Crash):
        trained(text, reporter=Interrupting(Position(2)))
    folder = _only_run(tmp_path / "runs")
    assert trained(text, resume=folder).state.epochs == 2
    with pytest.raises(Refused, match="ended by a callback after 2 of its 3 epochs"):
        trained(text, resume=folder)
    patient = "train.callbacks.0.EarlyStopping.patience=5"
    assert trained(text, patient, resume=folder).state.epochs == 3


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("{every_steps: 5}", ["000002-00000004", "000003-00000000"]),
        ("{every_epochs: 2, keep: 5}", ["000002-00000000", "000003-00000000"]),
        ("{keep: 1}", ["000003-00000000"]),
        ("{every_seconds: 1000000}", ["000003-00000000"]),
    ],
)
def test_checkpoints_come_when_they_are_asked_for(
    trained: Train, asked: str, names: list[str]
) -> None:
    folder = trained(IRIS + f"  checkpoint: {asked}\n").folder
    assert [path.stem for path in sorted(folder.checkpoints.iterdir())] == names
