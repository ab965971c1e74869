"""Paths to models that lead somewhere, but to no model."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelforge.findings import Findings
from modelforge.modelfile import Doubts, inspect


def test_a_folder_that_cannot_be_read_is_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: str) -> list[str]:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "listdir", refused)
    findings = Findings()
    assert inspect(str(tmp_path), Doubts(str(tmp_path), findings)) is None
    (found,) = findings
    assert found.rule == "model-kind"
    assert found.message.endswith("it is a folder, but not one of a run")
    assert not found.notes
