"""Files of a run are there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelforge.runs import History, read_history
from modelforge.runs.files import read_json, write_json, write_text, write_whole


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "before")

    def fail(temporary: Path) -> None:
        temporary.write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_whole(path, fail)
    assert path.read_text(encoding="utf-8") == "before"
    assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]


def test_the_temporary_name_keeps_the_ending(tmp_path: Path) -> None:
    seen: list[Path] = []

    def write(path: Path) -> None:
        seen.append(path)
        path.touch()

    write_whole(tmp_path / "best.keras", write)
    assert seen[0].suffix == ".keras"  # Keras chooses the format by it


def test_json_that_cannot_be_read_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    assert read_json(path) is None
    write_json(path, {"größe": 1})
    assert read_json(path) == {"größe": 1}
    path.write_text("{", encoding="utf-8")
    assert read_json(path) is None


def test_history_for_programs_and_for_spreadsheets(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.add({"epoch": 1, "loss": 0.5})
    history.add({"epoch": 2, "loss": 0.25, "val_loss": 0.3})
    history.write()
    assert [row["epoch"] for row in read_history(tmp_path)] == [1, 2]
    assert (tmp_path / "history.csv").read_text(encoding="utf-8") == (
        "epoch,loss,val_loss\n1,0.5,\n2,0.25,0.3\n"
    )


def test_a_resumed_history_forgets_what_is_done_again(tmp_path: Path) -> None:
    history = History(tmp_path)
    for epoch in (1, 2, 3):
        history.add({"epoch": epoch})
    history.write()
    resumed = History(tmp_path, history.rows[:2])
    resumed.add({"epoch": 3, "loss": 0.5})
    resumed.write()
    assert read_history(tmp_path) == [{"epoch": 1}, {"epoch": 2}, {"epoch": 3, "loss": 0.5}]
