"""A checkpoint is read as it was written, or found to be damaged; then the one before is used."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelforge.findings import Refused
from modelforge.train.checkpoints import Checkpoints, Snapshot
from modelforge.train.checkpoints.plain import Unsayable, read_plain, write_plain
from modelforge.train.position import Position


def _snapshot(epoch: int, value: float = 1.0) -> Snapshot:
    variables = {"model/dense/kernel": np.full((3, 2), value, np.float32)}
    return Snapshot(Position(epoch), 0, variables, {"best": (1, [value])}, {"spec": {}})


def _saved(folder: Path, *epochs: int, kept: int = 2) -> Checkpoints:
    checkpoints = Checkpoints(folder, kept)
    for epoch in epochs:
        checkpoints.save(_snapshot(epoch, epoch))
    return checkpoints


def _newest(checkpoints: Checkpoints) -> tuple[Snapshot | None, list[str]]:
    said: list[str] = []
    return checkpoints.newest(said.append), said


def test_what_was_saved_is_read(tmp_path: Path) -> None:
    found, said = _newest(_saved(tmp_path, 1, 2))
    assert found is not None and not said
    assert found.position == Position(2)
    assert found.state == {"best": (1, [2])}
    assert found.variables["model/dense/kernel"].tolist() == [[2, 2]] * 3


def test_the_last_good_ones_are_kept(tmp_path: Path) -> None:
    assert [path.name for path in _saved(tmp_path, 1, 2, 3, kept=1).paths()] == [
        "000003-00000000.npz"
    ]
    names = [path.name for path in _saved(tmp_path, 4, 5, kept=3).paths()]
    assert names == [f"00000{n}-00000000.npz" for n in (3, 4, 5)]


def test_numpy_alone_can_open_one(tmp_path: Path) -> None:
    (path,) = _saved(tmp_path, 1).paths()
    with np.load(path) as archive:
        assert archive["v0"].shape == (3, 2)


@pytest.mark.parametrize("part", range(10))
def test_thirty_damages_are_found_and_the_one_before_is_used(part: int, tmp_path: Path) -> None:
    checkpoints = _saved(tmp_path, 1, 2)
    newest = checkpoints.paths()[-1]
    whole = newest.read_bytes()
    draw = random.Random(part)
    for trial in range(30):
        content = bytearray(whole)
        at = draw.randrange(len(content))
        if trial % 3:
            content[at] ^= 1 << draw.randrange(8)
        else:
            del content[at:]
        newest.write_bytes(content)
        found, said = _newest(checkpoints)
        assert found is not None and found.position == Position(1)
        assert len(said) == 1 and f"{newest} is damaged" in said[0]
        newest.with_suffix(".damaged").unlink()


def test_a_damaged_one_is_put_aside_so_that_it_does_not_count(tmp_path: Path) -> None:
    checkpoints = _saved(tmp_path, 5, 9)
    checkpoints.paths()[-1].write_bytes(b"")
    _newest(checkpoints)
    checkpoints.save(_snapshot(6))
    assert [path.name[:6] for path in checkpoints.paths()] == ["000005", "000006"]
    assert (tmp_path / "000009-00000000.damaged").exists()


def test_where_all_are_damaged_nothing_is_begun(tmp_path: Path) -> None:
    checkpoints = _saved(tmp_path, 1, 2)
    for path in checkpoints.paths():
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Refused, match=r"no checkpoint in .* can be read") as refused:
        _newest(checkpoints)
    assert "nothing was changed" in refused.value.findings[0].notes[0]
    assert len(checkpoints.paths()) == 2


def test_the_order_is_that_of_positions_not_of_clocks(tmp_path: Path) -> None:
    import os

    checkpoints = _saved(tmp_path, 1, 2)
    os.utime(checkpoints.paths()[0], (4e9, 4e9))
    found, _ = _newest(checkpoints)
    assert found is not None and found.position == Position(2)


def test_another_format_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelforge.train.checkpoints.store.VERSION", 99)
    checkpoints = _saved(tmp_path, 1)
    monkeypatch.undo()
    with pytest.raises(Refused, match="has format 99, and this release"):
        _newest(checkpoints)


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 1, -0.0, 1e-320, float("inf"), "ä", b"\x00\xff", [], [1, [2]], (), (1, (2,))),
        *({"a": {1: 2}}, {(1, 2): "x"}, {1, 2}, frozenset({3})),
    ],
)
def test_plain_values_come_back(value: Any) -> None:
    found = read_plain(write_plain(value, []), [])
    assert found == value and type(found) is type(value)


def test_arrays_come_back_with_their_types() -> None:
    arrays: list[np.ndarray] = []
    value = {"a": np.arange(3, dtype=np.int8), "b": np.float32(0.1), "c": [np.zeros((0, 2))]}
    found = read_plain(write_plain(value, arrays), arrays)
    assert found["a"].dtype == np.int8 and found["a"].tolist() == [0, 1, 2]
    assert type(found["b"]) is np.float32 and found["b"] == np.float32(0.1)
    assert found["c"][0].shape == (0, 2)


@pytest.mark.parametrize("value", [object(), print, [print], np.array([object()])])
def test_what_runs_code_when_read_is_not_written(value: Any) -> None:
    with pytest.raises(Unsayable):
        write_plain(value, [])
