"""Damaged run folders: every command tells what is wrong with them, and none traces back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.runs import RunFuzzer, trained
from tests.hostile.test_damaged_specs import told


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # where defects are written
    yield tmp_path / "work"


@pytest.mark.slow
def test_two_hundred_damaged_runs(tmp_path: Path, work: Path) -> None:
    (tmp_path / "good").mkdir()
    outcome = RunFuzzer(1, trained(tmp_path / "good"), work).run(200)
    assert not outcome.wrong, told(outcome)
    assert outcome.counts["evaluate 0"] and outcome.counts["evaluate 1"]
    assert outcome.counts["train 0"] and outcome.counts["train 1"]
