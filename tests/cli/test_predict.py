"""`modelforge predict`: images, rows and arrays; what cannot be read is named."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from modelforge.runs import RunFolder

Run = Callable[..., Result]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Rows in another order of columns, one with a gap, one that cannot be read."""
    path = tmp_path / "new.csv"
    text = "weight,note,leg count,class\n0.005,a,8,arachnid\n5,b,2,bird\n,c,4,mammal\nheavy,d,4,x\n"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_are_answered_and_a_bad_one_is_named(
    modelforge_command: Run, table_run: RunFolder, rows: Path
) -> None:
    result = modelforge_command("predict", table_run.path, rows, "--format", "table")

    assert result.exit_code == 1
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0] == ["input", "class", "probability"]
    assert [line[:2] for line in lines[1:]] == [
        [f"{rows}:2", "spider"],
        [f"{rows}:3", "hen"],
        [f"{rows}:4", "dog"],
    ]
    assert f"error[unreadable-input]: `{rows}:5` has `heavy` in column `weight`" in result.stderr
    assert "warning[ignored-columns]" in result.stderr and "ignored: note" in result.stderr


def test_a_missing_column_is_named_with_the_nearest(
    modelforge_command: Run, table_run: RunFolder, tmp_path: Path
) -> None:
    path = tmp_path / "new.csv"
    path.write_text("wieght,leg count,class\n1,2,bird\n", encoding="utf-8")
    result = modelforge_command("predict", table_run.path, path)
    assert result.exit_code == 1 and result.stdout == ""
    assert "has no column `weight`, which the model needs" in result.stderr
    assert "did you mean `wieght`?" in result.stderr


def test_probabilities_of_all_classes_in_json_lines(
    modelforge_command: Run, table_run: RunFolder, tmp_path: Path
) -> None:
    path = tmp_path / "new.csv"
    path.write_text("class,leg count,weight\nbird,2,5\n", encoding="utf-8")
    out = tmp_path / "answers.jsonl"
    result = modelforge_command("predict", table_run.path, path, "--probabilities", "--output", out)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    (answer,) = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    shares = {name: answer[f"p({name})"] for name in ("dog", "hen", "spider")}
    assert answer["class"] == "hen" and answer["probability"] == max(shares.values())
    assert sum(shares.values()) == pytest.approx(1, abs=1e-5)


def test_pictures_are_found_in_folders_and_broken_ones_named(
    modelforge_command: Run, picture_run: RunFolder, tmp_path: Path
) -> None:
    colours = picture_run.path.parent / "colours"
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.png").write_bytes((colours / "blue" / "03.png").read_bytes())
    whole = (colours / "red" / "01.png").read_bytes()
    (tmp_path / "more" / "cut.png").write_bytes(whole[:-40])
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")

    result = modelforge_command(
        "predict", picture_run.path, colours / "red" / "00.png", tmp_path / "more",
        tmp_path / "notes.txt",
    )  # fmt: skip

    assert result.exit_code == 1
    answers = list(csv.DictReader(io.StringIO(result.stdout)))  # csv is the default in a pipe
    assert [answer["class"] for answer in answers] == ["red", "blue"]
    assert all(0.9 < float(answer["probability"]) <= 1 for answer in answers)  # made of logits
    assert "cut.png" in result.stderr and "notes.txt" in result.stderr


def test_a_pattern_that_the_shell_left_alone_names_files(
    modelforge_command: Run, picture_run: RunFolder
) -> None:
    colours = picture_run.path.parent / "colours"
    pattern, nothing = colours / "*" / "0[01].png", colours / "*.jpg"
    result = modelforge_command("predict", picture_run.path, pattern, nothing)
    assert result.exit_code == 1
    answers = list(csv.DictReader(io.StringIO(result.stdout)))
    expected = [colours / name / file for name in ("blue", "red") for file in ("00.png", "01.png")]
    assert [answer["input"] for answer in answers] == [str(path) for path in expected]
    assert f"error[path-not-found]: no file or folder is like `{nothing}`" in result.stderr


def test_a_folder_in_brackets_is_itself(
    modelforge_command: Run, picture_run: RunFolder, tmp_path: Path
) -> None:
    (tmp_path / "[0]").mkdir()
    picture = (picture_run.path.parent / "colours" / "red" / "00.png").read_bytes()
    (tmp_path / "[0]" / "a.png").write_bytes(picture)
    result = modelforge_command("predict", picture_run.path, tmp_path / "[0]")
    assert result.exit_code == 0 and "a.png,red," in result.stdout


def test_numbers_and_arrays(modelforge_command: Run, number_run: RunFolder, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.npz", tmp_path / "bad.npz"
    np.savez(good, anything=np.zeros((2, 10)))
    np.savez(bad, input=np.zeros((2, 9)))
    result = modelforge_command("predict", number_run.path, good, bad, tmp_path / "gud.npz")
    assert result.exit_code == 1
    answers = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [answer["input"] for answer in answers] == [f"{good}[0]", f"{good}[1]"]
    assert answers[0]["value"] == answers[1]["value"]
    assert "has `input` of shape (2, 9)" in result.stderr
    assert "expected an NPZ file with `input` of shape (n, 10)" in result.stderr
    assert "there is no file or folder" in result.stderr


def test_a_pickle_is_refused_without_bad_advice(
    modelforge_command: Run, number_run: RunFolder, tmp_path: Path
) -> None:
    path = tmp_path / "evil.npz"
    np.savez(path, input=np.array([{"a": 1}], dtype=object))
    result = modelforge_command("predict", number_run.path, path)
    assert result.exit_code == 1
    assert "is no NPZ file of plain arrays" in result.stderr
    assert "allow_pickle" not in result.stderr


def test_a_single_array_needs_no_name(
    modelforge_command: Run, number_run: RunFolder, tmp_path: Path
) -> None:
    path = tmp_path / "rows.npy"
    np.save(path, np.zeros((2, 10)))
    result = modelforge_command("predict", number_run.path, path)
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 3)


def test_rows_can_come_from_standard_input(table_run: RunFolder) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "modelforge", "predict", str(table_run.path), "-"],
        input="weight,leg count,class\n5,2,bird\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith("/dev/stdin:2,")
