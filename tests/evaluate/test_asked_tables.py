"""What is said of a table that lacks what a run was trained on."""

from __future__ import annotations

from pathlib import Path

from modelforge.evaluate.arrays import ask_arrays
from modelforge.evaluate.asked import Questions
from modelforge.findings import Findings


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("length,height\n1,2\n")
    findings = Findings()
    manifest = {"reading": {"columns": ["length", "width"]}, "inputs": {"input": {}}}
    assert not list(ask_arrays(Questions([table], manifest, findings)))
    (found,) = findings.errors
    assert found.message == f"`{table}` has no column `width`"
    assert found.notes == ("columns: length, width",)
