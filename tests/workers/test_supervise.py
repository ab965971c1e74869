"""What the watching process leaves in a run folder, and what it tells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from modelforge.findings import Finding
from modelforge.runs import RunFolder, RunState
from modelforge.workers.roll import Verdict
from modelforge.workers.supervise import _closed, _printed
from modelforge.workers.work import RESUME_WITH_ALL

LOST = Verdict(5, (Finding("worker-lost", "worker 1 is gone"),), 1, lost=True, text="Unavailable")
FAILED = Verdict(
    1,
    (Finding("worker-failed", "worker 1 has failed"),),
    1,
    text="error[x]: bad\n  note: mend it\n",
)


@pytest.mark.parametrize("state", ["running", "failed"])
def test_the_state_tells_which_worker_was_lost(tmp_path: Path, state: Any) -> None:
    folder = RunFolder.create_at(tmp_path / "run")
    folder.set_state(RunState(state, reason="TensorFlow has lost another worker", epochs=3))
    assert _closed(folder.path, LOST) is None  # it never came to its first step
    folder.resolved.write_text("name: x\n", encoding="utf-8")
    assert _closed(folder.path, LOST) == folder.path
    found = folder.state()
    assert found is not None
    assert (found.state, found.reason, found.epochs) == ("failed", "worker 1 is gone", 3)
    assert found.ended


def test_a_run_that_was_stopped_or_has_finished_keeps_its_state(tmp_path: Path) -> None:
    folder = RunFolder.create_at(tmp_path / "run")
    for before in (RunState("interrupted", reason="stopped by SIGTERM"), RunState("finished")):
        folder.set_state(before)
        _closed(folder.path, Verdict(0))
        _closed(folder.path, LOST)
        assert folder.state() == before


def attempt(failed: dict[int, int], outputs: dict[int, Any], run: Path | None = None) -> Any:
    children = {index: SimpleNamespace(output=output) for index, output in outputs.items()}
    return SimpleNamespace(failed=failed, children=children, run_folder=run)


def test_what_a_worker_said_is_told_where_nobody_has_seen_it(tmp_path: Path) -> None:
    log = SimpleNamespace(tail=lambda: "the last lines")
    told = _printed(FAILED, attempt({1: 1}, {0: None, 1: log}, tmp_path))
    (finding,) = told.findings
    assert finding.notes == (
        "error[x]: bad",
        "mend it",
        f"its output: {tmp_path / 'workers' / 'worker-1.log'}",
    )


def test_what_it_has_said_on_this_terminal_is_not_told_again() -> None:
    assert _printed(FAILED, attempt({1: 1}, {1: None})).findings == ()
    # All have found the same: the chief has said so.
    log = SimpleNamespace(tail=lambda: "")
    assert _printed(FAILED, attempt({0: 1, 1: 1}, {0: None, 1: log})).findings == ()


def test_a_lost_worker_is_told_by_all() -> None:
    (finding,) = _printed(LOST, attempt({}, {0: None})).findings
    assert finding.message == "worker 1 is gone"
    assert "Unavailable" in finding.notes


def test_how_to_go_on_is_told_once(tmp_path: Path) -> None:
    folder = RunFolder.create_at(tmp_path / "run")
    lost = replace(LOST, findings=(replace(LOST.findings[0], notes=(RESUME_WITH_ALL,)),), text="")
    two = attempt({}, {0: None, 1: None}, folder.path)
    assert _printed(lost, two).findings[0].notes == (RESUME_WITH_ALL,)
    folder.resolved.write_text("name: x\n", encoding="utf-8")  # now it can be resumed
    (note,) = _printed(lost, two).findings[0].notes
    command = f"modelforge train --resume {folder.path} --workers 2"
    assert note == f"everything up to the last checkpoint is saved; go on with: {command}"
