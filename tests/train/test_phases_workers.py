"""Two workers train in phases as one process does, and go on in one of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from modelforge.runs import read_history
from train.conftest import Train
from train.test_phases import spec

TEXT = spec(
    "name: head, epochs: 2, freeze: backbone",
    "name: tune, epochs: 1, batch_size: 15, optimizer: {SGD: {learning_rate: 0.05, momentum: 0.9}}",
).replace("    - Dropout: 0.2\n", "")  # each replica draws for itself


def run(*arguments: object) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "modelforge", "train", *map(str, arguments), "--workers", "2"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_workers_train_in_phases_and_go_on(tmp_path: Path, trained: Train) -> None:
    path, folder = tmp_path / "workers.yaml", tmp_path / "run"
    path.write_text(TEXT, encoding="utf-8")
    run(path, "--run", folder)
    run("--resume", folder, "--set", "train.phases.tune.epochs=2")
    rows = read_history(folder)
    assert [row["phase"] for row in rows] == ["head", "head", "tune", "tune"]
    alone = read_history(trained(TEXT, "train.phases.tune.epochs=2").folder.path)
    for row, other in zip(rows, alone, strict=True):
        for name in ("loss", "val_loss", "accuracy", "val_accuracy"):
            assert row[name] == pytest.approx(other[name], rel=1e-4)
