"""A worker and the process that watches it: signs of life, questions, the end, what it is told."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from modelforge.cli import predict, train
from modelforge.cli.together import versions, watched_arguments
from modelforge.workers.child import Child
from modelforge.workers.cluster import Cluster
from modelforge.workers.wire import Message, Wire

WORKER = """\
import time
from modelforge.workers import supervisor_link
link = supervisor_link()
assert link is supervisor_link()
link.hear_of_stops(lambda name: link.tell({"asked": name}))
link.phase = "training"
link.compare({"a": "1"})
link.steps += 1
def idle():
    time.sleep(60)
idle()
"""


class Watch:
    def __init__(self, program: str, scratch: str) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program],
                env={
                    **os.environ,
                    "MODELFORGE_SUPERVISOR": str(theirs.fileno()),
                    "TMPDIR": scratch,
                    "PYTHONPATH": os.pathsep.join(sys.path),
                },
                pass_fds=[theirs.fileno()],
            )
        self.wire = Wire(ours)

    def shares(self) -> list[Message]:
        """The pieces of shares that come before the worker has finished."""
        pieces, end = [], time.monotonic() + 60
        while time.monotonic() < end and not self.wire.closed:
            for message in self.wire.receive():
                if "share" in message:
                    pieces.append(message["share"])
                if "finished" in message:
                    return pieces
        raise AssertionError(f"not finished; {len(pieces)} pieces")

    def until(self, name: str) -> Message:
        """The next message with this entry."""
        end = time.monotonic() + 60
        while time.monotonic() < end and not self.wire.closed:
            for message in self.wire.receive():
                if name in message:
                    return message
        raise AssertionError(f"no `{name}`")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    place = tmp_path / "modelforge-worker-x"
    place.mkdir()
    (place / "some.txt").write_text("text", encoding="utf-8")
    return place


@pytest.fixture
def watch(scratch: Path) -> Iterator[Watch]:
    watch = Watch(WORKER, str(scratch))
    yield watch
    watch.process.kill()
    watch.process.wait()
    watch.wire.close()


def test_a_worker_waits_until_all_have_the_same(watch: Watch) -> None:
    assert watch.until("same")["same"] == {"a": "1"}
    assert watch.until("beat")["beat"]["steps"] == 0
    watch.wire.send({"same": True})
    while watch.until("beat")["beat"]["steps"] != 1:
        pass
    assert watch.until("beat")["beat"] == {
        "phase": "training",
        "steps": 1,
        "at": "<string>:10, idle",
    }


def test_a_stop_is_heard_while_the_worker_is_busy(watch: Watch) -> None:
    watch.until("same")
    watch.wire.send({"stop": "SIGTERM"})
    assert watch.until("asked") == {"asked": "SIGTERM"}


def test_a_worker_whose_watch_is_gone_ends_and_leaves_nothing(watch: Watch, scratch: Path) -> None:
    watch.until("same")
    watch.wire.close()
    assert watch.process.wait(60) == 5
    assert not scratch.exists()


def test_what_is_no_message_closes_the_line() -> None:
    ours, theirs = socket.socketpair()
    wire = Wire(ours)
    theirs.sendall(b'{"a": 1}\n{"b"')
    assert wire.receive() == [{"a": 1}]
    theirs.sendall(b": 2}\nHTTP/1.1\n")
    assert wire.receive() == [{"b": 2}]
    assert wire.closed
    theirs.close()
    wire.send({"c": 3})
    wire.close()


def test_a_child_is_told_its_place_and_leaves_nothing(tmp_path: Path) -> None:
    cluster = Cluster(("127.0.0.1:1", "127.0.0.1:2"), 1, "--workers")
    program = (
        "import os, sys, tempfile\n"
        "print(os.environ['TF_CONFIG'])\n"
        "print(sys.stdin.read())\n"
        "print(tempfile.mkdtemp())\n"
    )
    command = [sys.executable, "-c", program]
    child = Child(cluster, command, os.environ, stdin="the spec", caught=True)
    assert child.output is not None
    while child.poll() is None:
        time.sleep(0.05)
    child.output.read()
    child.output.keep(tmp_path / "workers" / "worker-1.log")
    child.end()
    config, given, scratch = child.output.tail().splitlines()
    assert config == cluster.tf_config()
    assert given == "the spec"
    assert not Path(scratch).exists() and not Path(scratch).parent.exists()
    assert (tmp_path / "workers" / "worker-1.log").read_text().splitlines()[2] == scratch


@pytest.mark.parametrize(
    "written",
    [
        ["train", "spec.yaml"],
        ["train", "-", "--runs=elsewhere", "--quiet", "--allow-large", "--json", "--verbose"],
        ["train", "spec.yaml", "--set=train.epochs=3", "--set=name=-x", "--run=here", "--dry-run"],
        ["train", "--resume=latest", "--allow=train.epochs", "--name=mine"],
    ],
)
def test_a_worker_gets_the_command_line_of_the_run(written: list[str]) -> None:
    extra = ["--workers", "2", "--restarts", "3"]
    context = train.command.make_context("train", [*written[1:], *extra])
    made = list(watched_arguments(context)(None))
    assert sorted(it for it in made if it != "--") == sorted(written)
    again = train.command.make_context("train", made[1:])
    left_out = {"workers": None, "restarts": 0}
    assert again.params == {**context.params, **left_out}


def test_a_new_start_goes_on_with_the_run_alone() -> None:
    context: click.Context = train.command.make_context(
        "train", ["spec.yaml", "--set", "train.epochs=3", "--runs", "there", "-q", "--workers", "2"]
    )
    made = list(watched_arguments(context)(Path("/runs/x")))
    assert made == ["train", "--resume", "/runs/x", "--quiet"]


def test_what_is_asked_comes_after_the_options() -> None:
    context = predict.command.make_context(
        "predict", ["latest", "--workers", "2", "--format", "csv", "--", "a.npz", "-b.npz"]
    )
    made = list(watched_arguments(context, run="runs/x/1")(None))
    assert made == ["predict", "--format=csv", "--", "runs/x/1", "a.npz", "-b.npz"]
    again = predict.command.make_context("predict", made[1:])
    assert again.params == {**context.params, "workers": None, "run": "runs/x/1"}


def test_a_share_of_any_length_comes_to_the_chief_whole(tmp_path: Path) -> None:
    program = (
        "from modelforge.workers import supervisor_link\n"
        "link = supervisor_link()\n"
        "first, second = link.shares(2)\n"
        "link.tell({'got': [len(first), first[:3], first[-3:], second]})\n"
        "link.hand_in('ä' * 600_000 + 'end')\n"
        "link.hand_in('')\n"
        "link.wait_for_all(0)\n"
    )
    watch = Watch(program, str(tmp_path))
    try:
        for text, last in (("abc", False), ("x" * 100_000, False), ("end", True)):
            watch.wire.send({"share": {"text": text, "last": last}, "of": 1})
            if text == "abc":  # those of two workers come mixed
                watch.wire.send({"share": {"text": "other", "last": True}, "of": 2})
        assert watch.until("got")["got"] == [100_006, "abc", "end", "other"]
        pieces = watch.shares()
        assert [it["last"] for it in pieces] == [False, False, True, True]
        assert "".join(it["text"] for it in pieces) == "ä" * 600_000 + "end"
    finally:
        watch.process.kill()
        watch.process.wait()


def test_versions_are_known_without_importing_anything_heavy() -> None:
    assert set(versions()) == {"modelforge", "python", "tensorflow", "keras", "numpy"}
    assert versions()["keras"].startswith("3.")
