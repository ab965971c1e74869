"""What the command line and the page of a run tell of its phases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from modelforge.runs import RunFolder, RunState
from train.test_phases import spec

TEXT = spec("name: head, freeze: backbone", "name: tune, epochs: 1, batch_size: 40")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "phased.yaml"
    found.write_text(TEXT, encoding="utf-8")
    return found


def test_a_dry_run_lists_the_phases(path: Path, modelforge_command: Callable[..., Result]) -> None:
    done = modelforge_command("train", path, "--dry-run")
    assert "ready to train 139 parameters for 3 epochs" in done.stdout
    assert "phase head: 2 epochs of 8 steps, 27 parameters trained" in done.stdout
    assert "phase tune: 1 epoch of 3 steps, 139 parameters trained" in done.stdout
    told = json.loads(modelforge_command("train", path, "--dry-run", "--json").stdout)
    assert told["phases"][1] == {
        "name": "tune",
        "epochs": 1,
        "steps_per_epoch": 3,
        "trained_parameters": 139,
    }


def test_results_list_and_page_tell_of_the_phases(
    path: Path, tmp_path: Path, modelforge_command: Callable[..., Result]
) -> None:
    done = modelforge_command("train", path, "--run", tmp_path / "runs" / "a" / "b")
    assert done.exit_code == 0, done.stderr
    assert "best.keras  (epoch 3 of tune, val_loss)" in done.stdout
    assert "phase head: 2 epochs from epoch 1\nbackbone: 2 of 2 layers" in done.stderr
    (row,) = json.loads(modelforge_command("runs", tmp_path / "runs", "--json").stdout)["runs"]
    assert row["best_phase"] == "tune"
    assert [it["epochs"] for it in row["phases"]] == [2, 1]
    assert "epoch 3 (tune)" in modelforge_command("runs", tmp_path / "runs").stdout
    page = (tmp_path / "runs" / "a" / "b" / "report.html").read_text(encoding="utf-8")
    assert "<th>head</th><td>1 to 2</td><td>2</td>" in page
    assert "<title>the phase tune begins</title>" in page
    assert "aria-label=&quot;phase" not in page and "<b>phase</b>" not in page


def test_measuring_takes_the_loss_of_the_last_phase(
    tmp_path: Path, modelforge_command: Callable[..., Result]
) -> None:
    path = tmp_path / "phased.yaml"
    other = "loss: {SparseCategoricalCrossentropy: {ignore_class: 2}}, metrics: []"
    path.write_text(spec("name: one", f"name: two, {other}"), encoding="utf-8")
    done = modelforge_command("train", path, "--run", tmp_path / "run", "--json")
    assert done.exit_code == 0, done.stderr
    state = json.loads(done.stdout)
    told = json.loads((tmp_path / "run" / "evaluation-validation.json").read_text("utf-8"))
    assert told["metrics"].keys() == {"loss"}
    assert told["metrics"]["loss"] == pytest.approx(state["best"]["val_loss"], rel=1e-5)


def test_phases_that_are_damaged_make_a_state_unreadable(tmp_path: Path) -> None:
    folder = RunFolder.create_at(tmp_path / "run")
    phase = {"name": "one", "before": 0, "epochs": 2, "best_epoch": None, "best": {}}
    folder.set_state(RunState("finished", phases=[phase], best_of="all phases"))
    state = folder.state()
    assert state is not None and state.phase_of(1) == "one"
    folder.set_state(RunState("finished", phases=[{**phase, "before": "0"}]))
    assert folder.state() is None
