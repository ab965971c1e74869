"""Workers that die, stand still, are stopped, or fail: each fault with its exit code and words."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from pathlib import Path

import pytest

from workers.processes import SLEEPER, SPEC, alive, commands, only_run, tf_configs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

FOR_LONG = ("--set", "train.epochs=100000")
# Waiting for processes to be scheduled on a shared machine takes its own time.
MARGIN = 60.0


@pytest.fixture
def spec(tmp_path: Path) -> str:
    (tmp_path / "tiny.yaml").write_text(SPEC, encoding="utf-8")
    return "tiny.yaml"


def with_timeouts(**seconds: float) -> tuple[str, str]:
    said = ", ".join(f"{name}_timeout: {value}" for name, value in seconds.items())
    return "--set", f"train.distribute={{MultiWorkerMirroredStrategy: {{{said}}}}}"


@pytest.mark.parametrize("victim", [0, 1])
def test_a_worker_that_dies_ends_all_and_the_run_can_be_resumed(
    tmp_path: Path, spec: str, victim: int
) -> None:
    with commands(tmp_path) as start:
        run = start("train", spec, "--workers", "2", *FOR_LONG)
        run.wait_for("epoch 2/")
        workers = run.workers()
        assert sorted(workers) == [0, 1]
        began = time.monotonic()
        os.kill(workers[victim], signal.SIGKILL)
        assert run.wait() == 5
        assert time.monotonic() - began < MARGIN
        assert f"error[worker-lost]: worker {victim} was ended by SIGKILL" in run.text
        again_with = f"train --resume {only_run(tmp_path)} --workers 2\n"
        assert again_with in run.text
        assert "Traceback" not in run.text
        assert not alive(list(workers.values()))
        state = json.loads((only_run(tmp_path) / "state.json").read_text())
        assert state["state"] == "failed"
        assert state["reason"].startswith(f"worker {victim} was ended by SIGKILL")
        done = state["epochs"]
        again = start(
            *("train", "--resume", "latest", "--workers", "2"),
            *("--set", f"train.epochs={done + 2}"),
        )
        assert again.wait() == 0, again.text
        assert f"epoch {done + 2}/{done + 2}" in again.text


def test_restarts_go_on_from_the_last_checkpoint(tmp_path: Path, spec: str) -> None:
    with commands(tmp_path) as start:
        run = start("train", spec, "--workers", "2", "--restarts", "1", "--set", "train.epochs=12")
        run.wait_for("epoch 2/")
        os.kill(run.workers()[1], signal.SIGKILL)
        assert run.wait() == 0, run.text
        assert "all workers start again from the last checkpoint of" in run.text
        assert "(0 restarts left)" in run.text
        assert "epoch 12/12" in run.text
        assert json.loads((only_run(tmp_path) / "state.json").read_text())["state"] == "finished"


def test_a_worker_that_is_stopped_gives_no_sign_of_life(tmp_path: Path, spec: str) -> None:
    with commands(tmp_path) as start:
        run = start("train", spec, "--workers", "2", *FOR_LONG, *with_timeouts(heartbeat=20))
        run.wait_for("epoch 2/")
        workers = run.workers()
        began = time.monotonic()
        os.kill(workers[1], signal.SIGSTOP)
        assert run.wait() == 5
        assert time.monotonic() - began < 20 + MARGIN
        assert "error[worker-lost]: worker 1 has given no sign of life for" in run.text
        assert "`heartbeat_timeout` of `MultiWorkerMirroredStrategy` is 20 seconds" in run.text
        assert not alive(list(workers.values()))


def test_a_worker_that_stands_still_is_named(tmp_path: Path, spec: str) -> None:
    (tmp_path / "sleeper.py").write_text(SLEEPER, encoding="utf-8")
    text = SPEC.replace("name: tiny\n", "name: tiny\nplugins: [sleeper.py]\n")
    (tmp_path / spec).write_text(text + "  callbacks: [Sleeper]\n", encoding="utf-8")
    with commands(tmp_path) as start:
        options = ("--workers", "2", "--trust-plugins", *FOR_LONG, *with_timeouts(step=30))
        run = start("train", spec, *options)
        run.wait_for("epoch 2/")
        workers = run.workers()
        began = time.monotonic()
        assert run.wait() == 5
        assert time.monotonic() - began < 30 + MARGIN
        assert "error[worker-stuck]: worker 1 is stuck at sleeper.py:" in run.text
        assert "`step_timeout` of `MultiWorkerMirroredStrategy` is 30 seconds" in run.text
        assert not alive(list(workers.values()))


def test_sigterm_to_one_worker_ends_all_with_a_checkpoint(tmp_path: Path, spec: str) -> None:
    with commands(tmp_path) as start:
        runs = [start("train", spec, *FOR_LONG, env=env) for env in tf_configs(2)]
        runs[0].wait_for("epoch 2/")
        runs[1].process.send_signal(signal.SIGTERM)
        assert [run.wait() for run in runs] == [75, 75]
        assert "stopped by SIGTERM after epoch" in runs[0].text
        assert "everything is saved" in runs[0].text
        folder = only_run(tmp_path)
        assert json.loads((folder / "state.json").read_text())["state"] == "interrupted"
        assert any((folder / "checkpoints").iterdir())


def test_ctrl_c_here_ends_all_workers_after_the_same_step(tmp_path: Path, spec: str) -> None:
    with commands(tmp_path) as start:
        run = start("train", spec, "--workers", "2", *FOR_LONG)
        run.wait_for("epoch 2/")
        workers = run.workers()
        run.process.send_signal(signal.SIGINT)
        assert run.wait() == 75
        assert "stopped by Ctrl-C after epoch" in run.text
        assert re.search(r"go on with: modelforge train --resume \S+ --workers 2\n", run.text)
        assert "Traceback" not in run.text
        assert not alive(list(workers.values()))


def test_a_machine_that_is_gone_is_named_and_leaves_no_process(tmp_path: Path, spec: str) -> None:
    with commands(tmp_path) as start:
        runs = [start("train", spec, *FOR_LONG, env=env) for env in tf_configs(2)]
        runs[0].wait_for("epoch 2/")
        workers = [pid for run in runs for pid in run.workers().values()]
        assert len(workers) == 2
        runs[1].process.kill()
        assert runs[0].wait() == 5
        assert "error[worker-lost]: worker 1 (127.0.0.1:" in runs[0].text
        assert "is gone: its machine or its process was ended" in runs[0].text
        until = time.monotonic() + MARGIN
        while alive(workers) and time.monotonic() < until:
            time.sleep(0.1)
        assert not alive(workers)


def test_the_others_hear_that_the_chief_is_gone(tmp_path: Path, spec: str) -> None:
    with commands(tmp_path) as start:
        runs = [start("train", spec, *FOR_LONG, env=env) for env in tf_configs(2)]
        runs[0].wait_for("epoch 2/")
        runs[0].process.kill()
        assert runs[1].wait() == 5
        assert "error[worker-lost]: worker 0 (127.0.0.1:" in runs[1].text
