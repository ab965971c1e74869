"""Phases over two replicas: the numbers of one process, and exact where a run was stopped."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from modelforge.runs import read_history
from train.conftest import Train
from train.test_devices import MIRRORED
from train.test_phases import spec
from train.test_resume_replicas import PROGRAM

# The stop of the program is in the second phase; batches of 15 are uneven for two replicas.
TWO = spec(
    "name: head, epochs: 1, freeze: backbone",
    "name: tune, epochs: 2, batch_size: 15, optimizer: {SGD: {learning_rate: 0.05, momentum: 0.9}}",
).replace("  deterministic: true", "  deterministic: true\n  jit_compile: false")


@pytest.mark.slow
def test_two_replicas_go_on_in_the_second_phase_to_the_last_bit(
    tmp_path: Path, trained: Train
) -> None:
    text = TWO.replace("    - Dropout: 0.2\n", "")  # each replica draws for itself
    whole, resumed = _told(text, tmp_path)
    assert [row["phase"] for row in whole["rows"]] == ["head", "tune", "tune"]
    assert len(whole["variables"]) >= 12
    assert resumed == whole
    alone = read_history(trained(text).folder.path)
    for row, other in zip(whole["rows"], alone, strict=True):
        for name in ("loss", "val_loss", "accuracy", "val_accuracy"):
            assert row[name] == pytest.approx(other[name], rel=1e-4)


def _told(text: str, folder: Path) -> list[dict[str, Any]]:
    path = folder / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path), str(folder / "runs"), MIRRORED],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]
