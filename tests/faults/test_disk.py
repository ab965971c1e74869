"""A disk that is full or closed: the last good checkpoint stays, and the run goes on from it."""

from __future__ import annotations

import errno
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from faults.conftest import Undisturbed
from faults.outcome import differences, outcome
from faults.small_disk import fill, read_only, small_disk
from faults.warm import run, start

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass(frozen=True)
class NoRoom:
    """What a child does to itself: no file whose name holds `part` can be opened for writing.

    after: so many of them can, before the disk is full; until: so many more cannot.
    """

    part: str
    after: int
    until: int = 10**9
    error: int = errno.ENOSPC

    def __call__(self) -> None:
        """Begins to fail."""
        opened = [0]

        def audit(event: str, arguments: tuple[Any, ...]) -> None:
            if (
                event != "open"
                or not isinstance(arguments[0], str)
                or self.part not in arguments[0]
            ):
                return
            if not isinstance(arguments[2], int) or not arguments[2] & _WRITING:
                return
            opened[0] += 1
            if self.after < opened[0] <= self.after + self.until:
                raise OSError(self.error, os.strerror(self.error), arguments[0])

        sys.addaudithook(audit)


def test_a_disk_that_becomes_full_keeps_the_last_checkpoint(
    specs: dict[str, Path], tmp_path: Path, reference: Undisturbed
) -> None:
    with small_disk(tmp_path / "disk", 2000) as disk:
        folder = disk / "run"
        command = start(["train", specs["outputs"], "--run", folder], tmp_path / "log")
        while command.running and "epoch 2/" not in command.said:
            time.sleep(0.005)
        filler = fill(disk)
        assert command.wait() == 5, command.said
        assert "error[disk-full]: the disk is full" in command.said
        assert "make room, then resume the run" in command.said
        assert "Traceback" not in command.said
        code, said = run(["train", "--resume", folder], tmp_path / "full.log")
        assert code == 5 or "error[run-folder]" in said, said
        filler.unlink()
        code, said = run(["train", "--resume", folder], tmp_path / "resumed.log")
        assert code == 0, said
        found = outcome(folder)
    assert not differences(found, reference("outputs").outcome)


@pytest.mark.parametrize("after", [0, 1, 4])
def test_a_full_disk_at_a_checkpoint_loses_none(
    after: int, specs: dict[str, Path], tmp_path: Path, reference: Undisturbed
) -> None:
    folder = tmp_path / "run"
    arguments = ["train", specs["dense"], "--run", folder]
    code, said = run(arguments, tmp_path / "log", NoRoom("/checkpoints/.0", after))
    assert code == 5, said
    assert "the last checkpoint is kept; trying once more" in said
    assert "error[disk-full]" in said and "Traceback" not in said
    code, said = run(["train", "--resume", folder], tmp_path / "resumed.log")
    assert code == 0, said
    assert not differences(outcome(folder), reference("dense").outcome)


def test_a_disk_that_is_full_for_a_moment_is_tried_again(
    specs: dict[str, Path], tmp_path: Path, reference: Undisturbed
) -> None:
    folder = tmp_path / "run"
    arguments = ["train", specs["dense"], "--run", folder]
    code, said = run(arguments, tmp_path / "log", NoRoom("/checkpoints/.0", 3, 1))
    assert code == 0, said
    assert "the disk is full: the last checkpoint is kept; trying once more" in said
    assert not differences(outcome(folder), reference("dense").outcome)


@pytest.mark.parametrize("part", ["/log.txt", "/.history", "/.state"])
def test_what_only_tells_of_a_run_does_not_end_it(
    part: str, specs: dict[str, Path], tmp_path: Path, reference: Undisturbed
) -> None:
    folder = tmp_path / "run"
    # A moment of the run's middle, after which there is room again.
    arm = NoRoom(part, 3, 4)
    code, said = run(["train", specs["dense"], "--run", folder], tmp_path / "log", arm)
    assert code == 0, said
    assert not differences(outcome(folder), reference("dense").outcome)


def test_a_full_disk_at_the_export_leaves_nothing_half_done(
    specs: dict[str, Path], tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", 4000) as disk:
        folder = disk / "run"
        code, said = run(["train", specs["dense"], "--run", folder], tmp_path / "log")
        assert code == 0, said
        filler = fill(disk)
        code, said = run(["export", folder, "SavedModel"], tmp_path / "export.log")
        assert code == 5, said
        assert "error[disk-full]" in said and "Traceback" not in said
        left = [str(path) for path in (folder / "export").rglob("*")]
        assert not left
        filler.unlink()
        code, said = run(["export", folder, "SavedModel"], tmp_path / "again.log")
        assert code == 0, said


def test_a_read_only_folder_is_told_before_the_first_step(
    specs: dict[str, Path], tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", 2000) as disk:
        read_only(disk)
        code, said = run(["train", specs["dense"], "--run", disk / "run"], tmp_path / "log")
        assert code == 1, said
        assert "error[run-folder]" in said and "Read-only file system" in said
        assert "epoch 1/" not in said


def test_a_folder_that_becomes_read_only_ends_the_run_with_a_sentence(
    specs: dict[str, Path], tmp_path: Path, reference: Undisturbed
) -> None:
    folder = tmp_path / "run"
    arm = NoRoom("/checkpoints/.0", 5, error=errno.EROFS)
    code, said = run(["train", specs["dense"], "--run", folder], tmp_path / "log", arm)
    assert code == 1, said
    assert "error[run-folder]" in said and "Read-only file system" in said
    assert "Traceback" not in said
    code, said = run(["train", "--resume", folder], tmp_path / "resumed.log")
    assert code == 0, said
    assert not differences(outcome(folder), reference("dense").outcome)
