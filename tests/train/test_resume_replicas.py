"""A run over two replicas that was stopped in an epoch comes to the same as one that was not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from train.conftest import IRIS
from train.test_devices import MIRRORED

# Running sums that each replica has for itself, dropout, and a last batch that is uneven.
SPEC = IRIS.replace("deterministic: false", "deterministic: true") + "  jit_compile: false\n"

PROGRAM = """
import hashlib, json, os, signal, sys
from pathlib import Path
from modelforge.findings import Findings, Stopped
from modelforge.runs import RunFolder, read_history
from modelforge.train import train
from modelforge.train.checkpoints import Checkpoints
from modelforge.train.prepare import prepare_model
from modelforge.train.position import Position
from modelforge.train.progress import Silent

spec, runs, *overrides = sys.argv[1:]

class Interrupting(Silent):
    def step(self, position, logs):
        if position == Position(1, 3):
            os.kill(os.getpid(), signal.SIGTERM)

def run(folder, reporter=None, resume=False):
    prepared = prepare_model(spec, overrides, Findings())
    assert prepared.placement.replicas == 2
    train(prepared, folder, reporter, resume=resume)

def told(folder):
    snapshot = Checkpoints(folder.checkpoints).newest(print)
    return {
        "rows": [{k: v for k, v in r.items() if k != "seconds"} for r in read_history(folder.path)],
        "variables": {
            name: hashlib.sha256(array.tobytes()).hexdigest()
            for name, array in snapshot.variables.items()
        },
    }

whole = RunFolder.create_at(Path(runs) / "whole")
run(whole)
stopped = RunFolder.create_at(Path(runs) / "stopped")
try:
    run(stopped, Interrupting())
    raise SystemExit("not stopped")
except Stopped:
    pass
run(stopped, resume=True)
print(json.dumps([told(whole), told(stopped)]))
"""


@pytest.mark.slow
def test_two_replicas_go_on_to_the_last_bit(tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(SPEC, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(spec), str(tmp_path / "runs"), MIRRORED],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    whole, resumed = json.loads(done.stdout.splitlines()[-1])
    assert len(whole["rows"]) == 3 and len(whole["variables"]) >= 15
    assert resumed == whole
