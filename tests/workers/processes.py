"""Real processes that train together, found, harmed, and never left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

SPEC = """\
modelforge: 1
name: tiny
data:
  train: Iris
  validation: 0.2
  batch_size: 16
model:
  layers:
    - Dense: {units: 8, activation: relu}
    - Dense: {units: "${data.classes}", activation: softmax}
train:
  loss: SparseCategoricalCrossentropy
  optimizer: {SGD: 0.01}
  metrics: [accuracy]
  epochs: 3
  jit_compile: false
"""

# A callback that stands still at one worker.
SLEEPER = """\
import json, os, time
import keras

@keras.saving.register_keras_serializable(package="test")
class Sleeper(keras.callbacks.Callback):
    def get_config(self):
        return {}

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 2 and json.loads(os.environ["TF_CONFIG"])["task"]["index"] == 1:
            time.sleep(3600)
"""

PATIENCE = 240.0  # seconds for anything: the machines are shared, and TensorFlow starts slowly
REPOSITORY = Path(__file__).parents[2]


class Command:
    """`modelforge` in a process of its own. said: the file that holds what it prints."""

    def __init__(
        self, folder: Path, arguments: Sequence[str], environment: Mapping[str, str], name: str
    ) -> None:
        self.said = folder / f"{name}.txt"
        self._file = self.said.open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "modelforge", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
            stdin=subprocess.DEVNULL,
            stdout=self._file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def text(self) -> str:
        """What it has printed so far."""
        return self.said.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, words: str, times: int = 1) -> None:
        """Until it has printed them so often."""
        until = time.monotonic() + PATIENCE
        while self.text.count(words) < times:
            assert self.process.poll() is None, f"ended with {self.process.poll()}:\n{self.text}"
            assert time.monotonic() < until, f"no `{words}` in:\n{self.text}"
            time.sleep(0.1)

    def wait(self, seconds: float = PATIENCE) -> int:
        """Its exit code."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {seconds} s:\n{self.text}") from None

    def workers(self) -> dict[int, int]:
        """The processes that it watches: their numbers by the index of the worker."""
        found = {}
        for pid in _children(self.process.pid):
            with suppress(OSError, KeyError, ValueError):
                found[json.loads(_environment(pid)["TF_CONFIG"])["task"]["index"]] = pid
        return found

    def end(self) -> None:
        """Ends it and all its workers."""
        for pid in (*_children(self.process.pid), self.process.pid):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        self.process.wait()
        self._file.close()


@contextmanager
def commands(folder: Path) -> Iterator[_Starter]:
    """Starts commands; none outlives the block."""
    with ExitStack() as stack:
        yield _Starter(folder, stack)


class _Starter:
    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._count = 0

    def __call__(
        self, *arguments: str, env: Mapping[str, str] | None = None, at: Path | None = None
    ) -> Command:
        self._count += 1
        command = Command(at or self._folder, arguments, env or {}, f"said-{self._count}")
        self._stack.callback(command.end)
        return command


def tf_configs(count: int) -> list[dict[str, str]]:
    """TF_CONFIG for each of so many workers at free ports of this machine."""
    with ExitStack() as stack:
        doors = [stack.enter_context(socket.socket()) for _ in range(count)]
        for door in doors:
            door.bind(("127.0.0.1", 0))
        addresses = [f"127.0.0.1:{door.getsockname()[1]}" for door in doors]
    cluster = {"worker": addresses}
    return [
        {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "worker", "index": i}})}
        for i in range(count)
    ]


def alive(pids: Sequence[int]) -> list[int]:
    """Those that still run (a zombie does not)."""
    return [pid for pid in pids if (Path("/proc") / str(pid)).exists() and _state(pid) != "Z"]


def only_run(folder: Path) -> Path:
    """The one run folder below."""
    (found,) = (path for path in (folder / "runs").glob("*/*") if path.is_dir())
    return found


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        tasks = (Path("/proc") / str(pid) / "task").iterdir()
        return [int(it) for task in tasks for it in (task / "children").read_text().split()]
    return []


def _environment(pid: int) -> dict[str, str]:
    content = (Path("/proc") / str(pid) / "environ").read_bytes().decode(errors="replace")
    return dict(entry.split("=", 1) for entry in content.split("\0") if "=" in entry)


def _state(pid: int) -> str:
    with suppress(OSError, IndexError):
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    return "Z"
