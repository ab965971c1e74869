"""Workers that wait for one another: who does not come is named, and no TensorFlow is started."""

from __future__ import annotations

import json
import signal
import socket
import time
from pathlib import Path

import pytest

from workers.processes import SPEC, commands, tf_configs

SOON = ("--set", "train.distribute={MultiWorkerMirroredStrategy: {start_timeout: 2}}")

TEN = ("--set", "train.distribute={MultiWorkerMirroredStrategy: {start_timeout: 10}}")


@pytest.fixture
def spec(tmp_path: Path) -> str:
    (tmp_path / "tiny.yaml").write_text(SPEC, encoding="utf-8")
    return "tiny.yaml"


def addresses(environment: dict[str, str]) -> list[str]:
    found: list[str] = json.loads(environment["TF_CONFIG"])["cluster"]["worker"]
    return found


def test_the_chief_names_the_workers_that_did_not_come(tmp_path: Path, spec: str) -> None:
    env = tf_configs(3)[0]
    with commands(tmp_path) as start:
        run = start("train", spec, *SOON, env=env)
        assert run.wait() == 5
    missing = [f"worker {i} ({addresses(env)[i]})" for i in (1, 2)]
    said = run.text
    assert "worker 0 of 3 (TF_CONFIG): waiting for the others" in said
    assert (
        f"error[worker-missing]: {missing[0]}, {missing[1]} did not come within 2 seconds" in said
    )
    assert "`MultiWorkerMirroredStrategy: {start_timeout: SECONDS}` waits longer" in said
    assert not (tmp_path / "runs").exists()


def test_a_worker_names_the_chief_that_did_not_come(tmp_path: Path, spec: str) -> None:
    env = tf_configs(2)[1]
    with commands(tmp_path) as start:
        run = start("train", spec, *SOON, env=env)
        assert run.wait() == 5
    assert f"error[worker-missing]: worker 0 ({addresses(env)[0]}) did not come" in run.text
    assert "the last call there: connection refused" in run.text


def test_workers_that_have_come_hear_who_is_missing(tmp_path: Path, spec: str) -> None:
    envs = tf_configs(3)
    with commands(tmp_path) as start:
        # The chief waits from its own start on: the other must have come by then.
        later = start("train", spec, env=envs[1])
        later.wait_for("waiting for the others")
        chief = start("train", spec, *SOON, env=envs[0])
        assert chief.wait() == 5
        assert later.wait() == 5
    expected = f"error[worker-missing]: worker 2 ({addresses(envs[0])[2]}) did not come"
    assert expected in chief.text
    assert expected in later.text


def test_a_port_that_another_process_has(tmp_path: Path, spec: str) -> None:
    env = tf_configs(2)[0]
    with socket.socket() as other:
        other.bind(("", int(addresses(env)[0].rpartition(":")[2])))
        other.listen()
        with commands(tmp_path) as start:
            run = start("train", spec, *SOON, env=env)
            assert run.wait() == 5
    assert "error[port-in-use]: another process has the port" in run.text
    assert f"which is that of worker 0 ({addresses(env)[0]})" in run.text


def test_a_stranger_at_the_chiefs_address(tmp_path: Path, spec: str) -> None:
    env = tf_configs(2)[1]
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", int(addresses(env)[0].rpartition(":")[2])))
        stranger.listen()
        with commands(tmp_path) as start:
            run = start("train", spec, *SOON, env=env)
            run.wait_for("waiting for the others")
            stranger.settimeout(60)
            with stranger.accept()[0] as line:
                line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                assert run.wait() == 5
    chief = f"worker 0 ({addresses(env)[0]})"
    assert f"error[worker-missing]: {chief} answers, but not as the chief" in run.text


def test_an_address_under_which_nobody_is(tmp_path: Path, spec: str) -> None:
    """The worker comes to the chief, but the address that the cluster has of it leads nowhere."""
    config = json.loads(tf_configs(2)[0]["TF_CONFIG"])
    nobody = "192.0.2.1:" + config["cluster"]["worker"][1].rpartition(":")[2]
    config["cluster"]["worker"][1] = nobody
    with commands(tmp_path) as start:
        runs = []
        for config["task"]["index"] in (0, 1):
            runs.append(start("train", spec, *TEN, env={"TF_CONFIG": json.dumps(config)}))
        assert [run.wait() for run in runs] == [5, 5]
    for run in runs:
        expected = f"worker 1 ({nobody}) does not answer at its address within 10 seconds"
        assert expected in run.text


def test_workers_that_were_told_of_different_clusters(tmp_path: Path, spec: str) -> None:
    envs = tf_configs(2)
    config = json.loads(envs[1]["TF_CONFIG"])
    config["cluster"]["worker"][1] = "127.0.0.1:9"
    with commands(tmp_path) as start:
        other = json.dumps({**config, "task": {"type": "worker", "index": 1}})
        runs = [start("train", spec, env=envs[0])]
        runs.append(start("train", spec, env={"TF_CONFIG": other.replace(":9", ":31999")}))
        assert [run.wait() for run in runs] == [1, 1]
    for run in runs:
        assert "error[workers-differ]: worker 1 was told of another cluster" in run.text


def test_a_second_process_that_is_the_same_worker(tmp_path: Path, spec: str) -> None:
    envs = tf_configs(3)
    with commands(tmp_path) as start:
        runs = [start("train", spec, env=envs[i]) for i in (0, 1)]
        runs[1].wait_for("waiting for the others")
        twice = start("train", spec, env=envs[1])
        assert twice.wait() == 5  # its port is taken, on one machine
        assert "error[port-in-use]" in twice.text


def test_ctrl_c_while_waiting(tmp_path: Path, spec: str) -> None:
    with commands(tmp_path) as start:
        run = start("train", spec, env=tf_configs(2)[0])
        run.wait_for("waiting for the others")
        began = time.monotonic()
        run.process.send_signal(signal.SIGINT)
        assert run.wait() == 75
        assert time.monotonic() - began < 30
    assert "stopped by Ctrl-C while waiting for the other workers" in run.text
    assert "Traceback" not in run.text


@pytest.mark.parametrize(
    ("arguments", "env", "code", "words"),
    [
        ((), {"TF_CONFIG": "{"}, 1, "error[tf-config]: the environment variable TF_CONFIG is no"),
        (("--workers", "2"), tf_configs(2)[0], 2, "TF_CONFIG already names 2."),
        (
            ("--workers", "2", "--set", "train.distribute=none"),
            {},
            1,
            "error[workers-not-wanted]: --workers 2 asks for several workers, and the spec for",
        ),
        (
            ("--set", "train.distribute=MultiWorkerMirroredStrategy"),
            {},
            1,
            "error[no-workers]: `MultiWorkerMirroredStrategy` trains with several workers",
        ),
        (("--workers", "0"), {}, 2, "Invalid value for '--workers'"),
        (
            ("--set", "train.distribute={MultiWorkerMirroredStrategy: {step_timeout: 0}}"),
            {},
            1,
            "step_timeout",
        ),
    ],
)
def test_what_is_asked_wrongly(
    tmp_path: Path,
    spec: str,
    arguments: tuple[str, ...],
    env: dict[str, str],
    code: int,
    words: str,
) -> None:
    with commands(tmp_path) as start:
        run = start("train", spec, *arguments, env=env)
        assert run.wait() == code
    assert words in run.text
    assert "Traceback" not in run.text
