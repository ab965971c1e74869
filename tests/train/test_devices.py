"""Several devices: naming two CPUs is enough for a real MirroredStrategy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from modelforge.runs import read_history
from train.conftest import IRIS, Train

# 119 training samples in batches of 16 leave 7 for the last one: unevenly divided among two.
SPEC = IRIS.replace("    - Dropout: 0.2\n", "") + "  jit_compile: false\n"

PROGRAM = """
import json, sys
from pathlib import Path
from modelforge.findings import Findings
from modelforge.runs import RunFolder, read_history
from modelforge.train import train
from modelforge.train.prepare import prepare_model
spec, runs, *overrides = sys.argv[1:]
prepared = prepare_model(spec, overrides, Findings())
outcome = train(prepared, RunFolder.create(Path(runs), "two"))
print(json.dumps({
    "replicas": prepared.placement.replicas,
    "environment": json.loads(outcome.folder.environment.read_text())["strategy"],
    "losses": [row["val_loss"] for row in read_history(outcome.folder.path)],
    "rates": [row["learning_rate"] for row in read_history(outcome.folder.path)],
}))
"""

# Stopped in the middle of the second epoch, resumed, and trained once more without a stop.
RESUMED = """
import json, os, signal, sys
from pathlib import Path
from modelforge.findings import Findings, Stopped
from modelforge.runs import RunFolder, read_history
from modelforge.train import train
from modelforge.train.position import Position
from modelforge.train.prepare import prepare_model
from modelforge.train.progress import Silent
spec, runs, *overrides = sys.argv[1:]

class Interrupting(Silent):
    def step(self, position, logs):
        if position == Position(1, 3):
            os.kill(os.getpid(), signal.SIGINT)

def run(folder, reporter=None, resume=False):
    train(prepare_model(spec, overrides, Findings()), folder, reporter, resume=resume)
    rows = read_history(folder.path)
    return [{k: v for k, v in row.items() if k != "seconds"} for row in rows]

stopped = RunFolder.create(Path(runs), "stopped")
try:
    run(stopped, Interrupting())
except Stopped:
    resumed = run(stopped, resume=True)
whole = run(RunFolder.create(Path(runs), "whole"))
print(json.dumps({"resumed": resumed, "whole": whole}))
"""

MIRRORED = "train.distribute={MirroredStrategy: {devices: ['cpu:0', 'CPU:1']}}"


def _run(
    folder: Path, *overrides: str, program: str = PROGRAM, text: str = SPEC
) -> dict[str, object]:
    spec = folder / "spec.yaml"
    spec.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", program, str(spec), str(folder / "runs"), *overrides],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def test_a_strategy_over_a_single_device_is_as_none(trained: Train) -> None:
    alone = "train.distribute={MirroredStrategy: {devices: ['CPU:0']}}"
    with_it, without = trained(SPEC, alone), trained(SPEC, "train.distribute=none")
    losses = [
        [row["val_loss"] for row in read_history(it.folder.path)] for it in (with_it, without)
    ]
    assert losses[0] == pytest.approx(losses[1], abs=1e-6)


@pytest.mark.slow
def test_two_devices_learn_what_one_does(tmp_path: Path) -> None:
    add = "train.distribute=none"
    one, two = _run(tmp_path, add), _run(tmp_path, MIRRORED)
    assert one["replicas"] == 1
    assert two["replicas"] == 2
    assert two["environment"] == {
        "name": "MirroredStrategy",
        "replicas": 2,
        "devices": ["CPU:0", "CPU:1"],
    }
    assert two["losses"] == pytest.approx(one["losses"], abs=1e-5)
    assert two["rates"] == one["rates"] == pytest.approx([0.01] * 3)


@pytest.mark.slow
def test_a_last_batch_of_one_does_not_spoil_the_loss(tmp_path: Path) -> None:
    # 120 training samples: batches of 17 leave a last batch of 1, which one device gets nothing of.
    losses = _run(tmp_path, MIRRORED, "data.batch_size=17")["losses"]
    assert losses == pytest.approx(_run(tmp_path, "data.batch_size=17")["losses"], abs=1e-5)


@pytest.mark.slow
def test_a_resumed_run_over_two_devices_is_the_run_that_was_never_stopped(tmp_path: Path) -> None:
    more = "    - BatchNormalization\n    - Dropout: 0.2\n"
    normalized = SPEC.replace("    - Dense: {units: 16", f"{more}    - Dense: {{units: 16")
    told = _run(tmp_path, MIRRORED, "train.deterministic=true", program=RESUMED, text=normalized)
    assert len(told["whole"]) == 3  # type: ignore[arg-type]
    assert told["resumed"] == told["whole"]


@pytest.mark.slow
def test_xla_over_two_cpus_is_refused_before_the_first_step(tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(SPEC.replace("jit_compile: false", "jit_compile: true"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "modelforge", "train", str(spec), "--dry-run", "--set", MIRRORED],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "error[jit-of-cpus]: `jit_compile: true` does not work over 2 CPU" in done.stderr
