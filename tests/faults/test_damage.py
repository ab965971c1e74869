"""Checkpoints whose bytes have changed are never believed, and never passed over in silence."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.conftest import Undisturbed
from faults.outcome import differences, outcome
from faults.warm import run, start

Damage = Callable[[bytes, random.Random], bytes]


def _flip(content: bytes, draw: random.Random) -> bytes:
    changed = bytearray(content)
    changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _truncate(content: bytes, draw: random.Random) -> bytes:
    return content[: draw.randrange(len(content))]


def _blank(content: bytes, draw: random.Random) -> bytes:
    """A block that was never written, as file systems leave it after a power cut."""
    start, changed = draw.randrange(len(content) - 1), bytearray(content)
    changed[start : start + 4096] = bytes(len(changed[start : start + 4096]))
    return bytes(changed)


def _append(content: bytes, draw: random.Random) -> bytes:
    return content + draw.randbytes(draw.randrange(1, 200))


def _empty(content: bytes, draw: random.Random) -> bytes:
    return b""


@pytest.fixture(scope="module")
def killed(specs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was killed after its third epoch."""
    folder = tmp_path_factory.mktemp("killed") / "run"
    command = start(["train", specs["dense"], "--run", folder], folder.with_suffix(".log"))
    while command.running and "epoch 3/" not in command.said:
        time.sleep(0.005)
    assert command.kill() == -9, command.said
    return folder


def _copied(killed: Path, folder: Path) -> tuple[Path, list[Path]]:
    """A copy of the run, and its checkpoints, oldest first."""
    shutil.copytree(killed, folder)
    return folder, sorted((folder / "checkpoints").glob("[0-9]*"))


def test_three_hundred_damages_are_all_detected(killed: Path, tmp_path: Path) -> None:
    from modelforge.train.checkpoints import Checkpoints

    folder, (before, newest) = _copied(killed, tmp_path / "run")
    checkpoints, whole = Checkpoints(folder / "checkpoints"), newest.read_bytes()
    expected = checkpoints.newest(print)
    assert expected is not None and expected.path == str(newest)
    draw = random.Random(4)
    for number in range(300):
        damage = (_flip, _flip, _flip, _truncate, _truncate, _blank, _append)[number % 7]
        damaged = damage(whole, draw)
        if damaged == whole:
            continue  # what was blanked was blank
        newest.write_bytes(damaged)
        said: list[str] = []
        found = checkpoints.newest(said.append)
        assert found is not None and found.path == str(before), (number, damage)
        assert f"the checkpoint {newest} is damaged" in said[0]
        assert "trying the one before" in said[0]


@pytest.mark.parametrize("damage", [_flip, _truncate, _empty])
def test_the_one_before_a_damaged_one_is_resumed_from(
    damage: Damage, killed: Path, tmp_path: Path, reference: Undisturbed
) -> None:
    folder, (_, newest) = _copied(killed, tmp_path / "run")
    newest.write_bytes(damage(newest.read_bytes(), random.Random(5)))
    code, said = run(["train", "--resume", folder], tmp_path / "log")
    assert code == 0, said
    assert f"the checkpoint {newest} is damaged" in said
    assert not differences(outcome(folder), reference("dense").outcome)


def test_a_checkpoint_that_was_removed_is_missed(
    killed: Path, tmp_path: Path, reference: Undisturbed
) -> None:
    folder, (_, newest) = _copied(killed, tmp_path / "run")
    newest.unlink()
    code, said = run(["train", "--resume", folder], tmp_path / "log")
    assert code == 0, said
    assert f"the checkpoint {newest} is missing" in said
    assert not differences(outcome(folder), reference("dense").outcome)


def test_a_run_whose_checkpoints_are_all_damaged_is_left_as_it_is(
    killed: Path, tmp_path: Path
) -> None:
    folder, checkpoints = _copied(killed, tmp_path / "run")
    for path in checkpoints:
        path.write_bytes(_flip(path.read_bytes(), random.Random(6)))
    before = {path: path.read_bytes() for path in folder.rglob("[!.]*") if path.is_file()}
    code, said = run(["train", "--resume", folder], tmp_path / "log")
    assert code == 1
    assert f"error[checkpoint-damaged]: no checkpoint in `{folder}/checkpoints` can be read" in said
    assert "train the spec anew" in said and "Traceback" not in said
    del before[folder / "log.txt"]
    assert before == {path: path.read_bytes() for path in before}


def test_a_run_whose_checkpoints_were_all_removed_is_not_begun_anew(
    killed: Path, tmp_path: Path
) -> None:
    folder, checkpoints = _copied(killed, tmp_path / "run")
    for path in checkpoints:
        path.unlink()
    code, said = run(["train", "--resume", folder], tmp_path / "log")
    assert code == 1
    assert "error[no-checkpoint]" in said and "somebody has removed it" in said
