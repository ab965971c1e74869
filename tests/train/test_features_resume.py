"""Features of a run that is stopped, of a damaged file, and on a disk that is full."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from modelforge.findings import Stopped
from modelforge.runs import RunFolder
from modelforge.train import train
from modelforge.train.position import Position
from train.conftest import Prepare, Train
from train.test_features import HIGH, OFF, SPEC, said
from train.test_resume import Interrupting


def run_of(folder: Path, name: str) -> RunFolder:
    """The only run of this name."""
    (state,) = folder.glob(f"runs/{name}/*/state.json")
    return RunFolder(state.parent)


@pytest.mark.parametrize("where", ["memory", "disk"])
def test_a_run_that_was_stopped_is_the_run_that_was_not(
    trained: Train, tmp_path: Path, where: str
) -> None:
    asked = (HIGH, f"train.frozen_features={where}")
    whole = trained(SPEC, *asked, "name=whole")
    with pytest.raises(Stopped):
        trained(SPEC, *asked, "name=stopped", reporter=Interrupting(Position(0, 5)))
    folder = run_of(tmp_path, "stopped")
    for stop in (Position(0, 20), Position(1, 3)):
        with pytest.raises(Stopped):
            trained(SPEC, *asked, "name=stopped", resume=folder, reporter=Interrupting(stop))
    assert folder.features.exists() == (where == "disk")
    outcome = trained(SPEC, *asked, "name=stopped", resume=folder)
    for weight, it in zip(outcome.model.weights, whole.model.weights, strict=True):
        np.testing.assert_array_equal(weight.numpy(), it.numpy())
    kept = "features: those in the run folder are the same, and are taken"
    assert said(outcome).count(kept) == (3 if where == "disk" else 0)
    assert not folder.features.exists()


def test_files_that_are_not_those_of_the_run_are_computed_again(
    trained: Train, tmp_path: Path
) -> None:
    asked = (HIGH, "train.frozen_features=disk")
    whole = trained(SPEC, *asked, "name=whole")
    with pytest.raises(Stopped):
        trained(SPEC, *asked, "name=broken", reporter=Interrupting(Position(0, 5)))
    folder = run_of(tmp_path, "broken")
    (file,) = folder.features.glob("train-*.bin")
    content = bytearray(file.read_bytes())
    content[1000] ^= 1
    file.write_bytes(content)
    outcome = trained(SPEC, *asked, "name=broken", resume=folder)
    assert not any("are taken" in line for line in said(outcome))
    for weight, it in zip(outcome.model.weights, whole.model.weights, strict=True):
        np.testing.assert_array_equal(weight.numpy(), it.numpy())


def test_a_disk_without_room_is_told_and_remembered(
    trained: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = (HIGH, "train.frozen_features=disk")
    with monkeypatch.context() as full, pytest.raises(Stopped):
        full.setattr("modelforge.train.features.serve.place_for", lambda *_: "none")
        trained(SPEC, *asked, reporter=Interrupting(Position(0, 5)))
    folder = run_of(tmp_path, "features")
    assert said(folder) == ["features: the disk has no room for 1.5 MiB: every step computes them"]
    outcome = trained(SPEC, *asked, resume=folder)
    assert said(outcome)[1:] == ["features: this phase was begun without them, and goes on so"]
    plain = trained(SPEC, HIGH, OFF, "name=plain")
    for weight, it in zip(outcome.model.weights, plain.model.weights, strict=True):
        np.testing.assert_array_equal(weight.numpy(), it.numpy())


def test_a_disk_that_becomes_full_while_they_are_written(
    trained: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("modelforge.train.features.stored.os", SimpleNamespace(fsync=full))
    outcome = trained(SPEC, "train.frozen_features=disk")
    assert said(outcome)[1].startswith("features: the disk has no room for 56.2 KiB")
    assert outcome.state.state == "finished" and not outcome.folder.features.exists()


def test_a_stop_while_they_are_computed_begins_anew(prepare: Prepare, tmp_path: Path) -> None:
    class Stopping(Interrupting):
        def note(self, text: str) -> None:
            if text.startswith("features: "):
                os.kill(os.getpid(), signal.SIGINT)

    prepared = prepare(SPEC)
    folder = RunFolder.create(tmp_path / "runs", "stopped")
    with pytest.raises(Stopped, match="stopped by"):
        train(prepared, folder, Stopping(Position(9)))
    assert folder.state().checkpoint == "000000-00000000.npz"  # type: ignore[union-attr]
    outcome = train(prepare(SPEC), folder, resume=True)
    assert outcome.state.epochs == 2
    for weight, it in zip(
        outcome.model.weights,
        train(prepare(SPEC), RunFolder.create(tmp_path / "runs", "whole")).model.weights,
        strict=True,
    ):
        np.testing.assert_array_equal(weight.numpy(), it.numpy())
