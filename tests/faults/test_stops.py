"""Signals, a terminal that is gone, and two processes that want the same run."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from faults.conftest import Undisturbed
from faults.outcome import differences, outcome
from faults.warm import Command, run, start

LONG = ["--set", "train.epochs=5000"]


@dataclass(frozen=True)
class SlowFlush:
    """What a child does to itself so that a checkpoint takes a minute once `sign` lies there."""

    sign: str

    def __call__(self) -> None:
        """Makes every flush wait."""
        flush = os.fsync

        def fsync(descriptor: int) -> None:
            if os.path.exists(self.sign):
                time.sleep(60)
            flush(descriptor)

        os.fsync = fsync


@dataclass(frozen=True)
class Terminal:
    """What a child does to itself to speak into a pipe instead of its log."""

    pipe: str

    def __call__(self) -> None:
        """Opens the pipe, which must have a reader."""
        descriptor = os.open(self.pipe, os.O_WRONLY)
        for number in (1, 2):
            os.dup2(descriptor, number)
        os.close(descriptor)


def _wait_for(command: Command, text: str) -> None:
    while text not in command.said:
        assert command.running, command.said
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_run_goes_on_as_if_it_had_not_been(
    number: signal.Signals, specs: dict[str, Path], tmp_path: Path, reference: Undisturbed
) -> None:
    folder = tmp_path / "run"
    command = start(["train", specs["outputs"], "--run", folder], tmp_path / "log")
    _wait_for(command, "epoch 2/")
    assert command.process.pid
    os.kill(command.process.pid, number)
    assert command.wait(30) == 75, command.said
    assert f"go on with: modelforge train --resume {folder}" in command.said
    assert "Traceback" not in command.said
    code, said = run(["train", "--resume", folder], tmp_path / "log")
    assert code == 0, said
    assert not differences(outcome(folder), reference("outputs").outcome)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_leaves_at_once_and_loses_nothing(
    number: signal.Signals, specs: dict[str, Path], tmp_path: Path, reference: Undisturbed
) -> None:
    folder, sign = tmp_path / "run", tmp_path / "slow"
    arm = SlowFlush(str(sign))
    command = start(["train", specs["dense"], "--run", folder], tmp_path / "log", arm)
    _wait_for(command, "epoch 2/")
    sign.touch()
    assert command.process.pid
    os.kill(command.process.pid, number)
    _wait_for(command, "finishing this step and saving; once more leaves at once")
    begun = time.monotonic()
    os.kill(command.process.pid, number)
    assert command.wait(30) == 128 + number, command.said
    assert time.monotonic() - begun < 20  # the flush would have taken a minute
    code, said = run(["train", "--resume", folder], tmp_path / "log")
    assert code == 0, said
    assert not differences(outcome(folder), reference("dense").outcome)


def test_training_goes_on_when_the_terminal_is_gone(
    specs: dict[str, Path], tmp_path: Path, reference: Undisturbed
) -> None:
    folder, pipe = tmp_path / "run", tmp_path / "terminal"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    command = start(
        ["train", specs["dense"], "--run", folder], tmp_path / "log", Terminal(str(pipe))
    )
    said = b""
    while b"epoch 1/" not in said:
        assert command.running, said
        time.sleep(0.01)
        try:
            said += os.read(reader, 65536)
        except BlockingIOError:
            continue
    os.close(reader)
    assert command.process.pid
    os.kill(command.process.pid, signal.SIGHUP)
    assert command.wait() == 0
    assert not differences(outcome(folder), reference("dense").outcome)
    assert "epoch 8/8" in (folder / "log.txt").read_text(encoding="utf-8")


def test_two_processes_never_share_a_run(specs: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    owner = start(["train", specs["dense"], "--run", folder, *LONG], tmp_path / "owner")
    _wait_for(owner, "epoch 2/")
    assert owner.process.pid
    os.kill(owner.process.pid, signal.SIGSTOP)  # it stands still, and is not dead
    code, said = run(["train", "--resume", folder, *LONG], tmp_path / "second")
    assert code == 1
    assert "error[run-in-use]" in said and f"as process {owner.process.pid} on" in said
    code, said = run(["train", specs["dense"], "--run", folder, *LONG], tmp_path / "third")
    assert code == 1
    assert "error[run-exists]" in said
    owner.kill()
    rows = len((folder / "history.jsonl").read_text(encoding="utf-8").splitlines())
    more = ["--set", f"train.epochs={rows + 2}"]
    code, said = run(["train", "--resume", folder, *more], tmp_path / "fourth")
    assert code == 0, said
    last = (folder / "history.jsonl").read_text(encoding="utf-8").splitlines()[-1]
    assert json.loads(last)["epoch"] == rows + 2
