"""Features over two replicas, and over two workers that compute them each for itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from modelforge.runs import RunFolder, read_history
from train.conftest import Train
from train.test_devices import MIRRORED
from train.test_features import HIGH, OFF, SPEC, said
from train.test_resume_replicas import PROGRAM

# Each replica draws for itself; 1,438 samples in batches of 65 leave 8 for the last one.
TEXT = SPEC.replace("    - Dropout: 0.2\n", "").replace("batch_size: 64", "batch_size: 65")
NAMES = ("loss", "val_loss", "accuracy", "val_accuracy")


@pytest.mark.slow
@pytest.mark.timeout(1400)
def test_two_replicas_go_on_to_the_last_bit(tmp_path: Path, trained: Train) -> None:
    path = tmp_path / "replicas.yaml"
    path.write_text(TEXT + "  jit_compile: false\n", encoding="utf-8")
    asked = (HIGH, "train.frozen_features=disk")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path), str(tmp_path / "replicas"), MIRRORED, *asked],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    whole, resumed = json.loads(done.stdout.splitlines()[-1])
    assert resumed == whole
    for name in ("whole", "stopped"):
        told = said(RunFolder(tmp_path / "replicas" / name))
        assert "`backbone/norm`, 216 numbers" in told[0] and "on disk" in told[0]
    alone = read_history(trained(TEXT, HIGH, OFF).folder.path)
    for row, other in zip(whole["rows"], alone, strict=True):
        for name in NAMES:
            assert row[name] == pytest.approx(other[name], rel=1e-4)


@pytest.mark.slow
@pytest.mark.timeout(1400)
def test_two_workers_each_compute_them(tmp_path: Path, trained: Train) -> None:
    path, folder = tmp_path / "workers.yaml", tmp_path / "run"
    path.write_text(TEXT, encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "modelforge", "train", str(path), "--run", str(folder)),
            *("--workers", "2", "--set", "train.frozen_features=disk"),
            *("--set", "train.distribute={MultiWorkerMirroredStrategy: {heartbeat_timeout: 120}}"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "(56.2 KiB on disk)" in said(RunFolder(folder))[0]
    assert not (folder / "features").exists()
    alone = read_history(trained(TEXT, OFF).folder.path)
    for row, other in zip(read_history(folder), alone, strict=True):
        for name in NAMES:
            assert row[name] == pytest.approx(other[name], rel=1e-4)
