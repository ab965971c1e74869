"""Clocks that jump, odd places for a run, few files, no home, a locale without Unicode."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from faults.conftest import Undisturbed
from faults.outcome import differences, outcome
from faults.warm import run, start

ONE = ["--set", "train.epochs=1"]


def _jumping_clock() -> None:
    """Each look at the clock of the system is a day before the last one."""
    real, looks = time.time, [0]

    def jumping() -> float:
        looks[0] += 1
        return real() - 86400 * looks[0]

    time.time = jumping
    time.time_ns = lambda: int(jumping() * 1e9)
    os.environ["TZ"] = "Pacific/Kiritimati"
    time.tzset()


def _few_files() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def test_clocks_do_not_decide_where_a_run_goes_on(
    specs: dict[str, Path], tmp_path: Path, reference: Undisturbed
) -> None:
    folder = tmp_path / "run"
    arguments = ["train", specs["dense"], "--run", folder]
    command = start(arguments, tmp_path / "log", _jumping_clock)
    while command.running and "epoch 3/" not in command.said:
        time.sleep(0.005)
    assert command.kill() == -9, command.said
    for age, path in enumerate(sorted((folder / "checkpoints").iterdir())):
        os.utime(path, (1e9 - 1000 * age, 1e9 - 1000 * age))  # the newest is the oldest
    code, said = run(["train", "--resume", folder], tmp_path / "log", _jumping_clock)
    assert code == 0, said
    assert not differences(outcome(folder), reference("dense").outcome)
    rows = (folder / "history.jsonl").read_text(encoding="utf-8").splitlines()
    assert all(0 <= json.loads(row)["seconds"] < 600 for row in rows)


@pytest.mark.parametrize(
    "name",
    ["with spaces/größe-木-🔥/two\nlines/${data.size}/100%", "-dash", "/".join(["deep" * 40] * 20)],
    ids=["characters", "dash", "deep"],
)
def test_a_run_may_lie_anywhere(
    name: str, specs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / name
    code, said = run(["train", specs["outputs"], f"--run={name}", *ONE], tmp_path / "log")
    assert code == 0, said
    assert outcome(folder)["state: state"] == "finished"
    more = ["--set", "train.epochs=2"]
    run_told = name if not name.startswith("-") else str(folder)
    assert f"evaluate {run_told}" in said  # what is told next can be copied
    code, said = run(["train", f"--resume={run_told}", *more], tmp_path / "log")
    assert code == 0, said
    assert outcome(folder)["state: epochs"] == 2


@pytest.mark.parametrize("name", [b"\xff\xfe", b"y" * 300, b"/".join([b"z" * 200] * 30)])
def test_a_place_that_cannot_be_is_refused_before_the_first_step(
    name: bytes, specs: dict[str, Path], tmp_path: Path
) -> None:
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/" + name)
    code, said = run(["train", specs["dense"], "--run", folder, *ONE], tmp_path / "log")
    assert code == 1, said
    assert "error[run-folder]" in said
    assert "epoch 1/" not in said and "Traceback" not in said


def test_few_open_files_are_enough(
    specs: dict[str, Path], tmp_path: Path, reference: Undisturbed
) -> None:
    folder = tmp_path / "run"
    code, said = run(["train", specs["outputs"], "--run", folder], tmp_path / "log", _few_files)
    assert code == 0, said
    assert not differences(outcome(folder), reference("outputs").outcome)


@pytest.mark.slow
@pytest.mark.parametrize(
    "surroundings",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "tr_TR.UTF-8"},
        {"LC_ALL": "de_DE.ISO-8859-1", "PYTHONUTF8": "0"},
        {"HOME": "/proc/nowhere"},
    ],
    ids=["C", "Turkish", "Latin-1", "no home"],
)
def test_neither_locale_nor_home_matters(surroundings: dict[str, str], tmp_path: Path) -> None:
    rows = "".join(f"{n},{'straße' if n % 3 else '木'},{'ıİ'[n % 2]}\n" for n in range(30))
    (tmp_path / "table.csv").write_text(f"größe,ort,art\n{rows}", encoding="utf-8")
    (tmp_path / "spec.yaml").write_text(SPEC, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if k not in ("LANG", "KERAS_HOME")}
    environment |= {"PYTHONPATH": os.pathsep.join(sys.path), **surroundings}
    done = subprocess.run(
        [sys.executable, "-m", "modelforge", "train", "spec.yaml", "--run", "run"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "run" / "data.json").read_text(encoding="utf-8"))
    assert manifest["classes"] == ["ı", "İ"] or manifest["classes"] == ["İ", "ı"]
    assert "名前" in (tmp_path / "run" / "spec.yaml").read_text(encoding="utf-8")


SPEC = """\
modelforge: 1
description: 名前
data: {train: {CSV: {path: table.csv, target: art}}, batch_size: 8}
model:
  layers:
    - Dense: {units: 1, activation: sigmoid}
train: {loss: BinaryCrossentropy, epochs: 1}
export: [SavedModel]
"""
