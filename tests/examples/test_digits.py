"""The worked project `examples/digits`: its commands do what its README says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "digits"
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example") / "digits"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("runs"))
    return folder


@pytest.mark.slow
def test_from_the_spec_to_an_answer(
    folder: Path, modelforge_command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert modelforge_command("validate", "digits.yaml").exit_code == 0
    trained = modelforge_command("train", "digits.yaml", "--set", "train.epochs=8")
    assert trained.exit_code == 0, trained.stderr
    measured = modelforge_command("evaluate", "latest", "--on", "test")
    assert measured.exit_code == 0, measured.stderr
    assert "on test, 270 samples" in measured.stdout
    (model,) = folder.glob("runs/digits/*/export/saved_model")
    answer = subprocess.run(
        [sys.executable, "ask.py", str(model)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert answer.stdout.startswith("it is a 7 (")
