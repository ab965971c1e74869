"""Commands of ModelForge in processes of their own that start at once, to be killed at will.

A process with TensorFlow takes seconds to start. Here one process imports everything, runs
nothing, and forks a child for each command; `multiprocessing`'s fork server does the forking. It
has to be a process that never ran an operation: TensorFlow's threads do not survive a fork.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

Arm = Callable[[], object]  # what a child does to itself before it runs its command

# To start a process, Python asks every other one whether it has ended. Where two threads ask the
# same one, the second finds its answer taken, and takes that for the exit code 255.
_ASKING = threading.Lock()


@dataclass
class Command:
    """A command that runs."""

    process: BaseProcess
    log: Path

    def wait(self, seconds: float = 240) -> int:
        """Its exit code; minus the signal where one ended it."""
        wait([self.process.sentinel], seconds)
        code = self._code
        if code is None:
            self.kill()
            raise TimeoutError(f"still running after {seconds} s; it said: {self.said}")
        return code

    def kill(self) -> int:
        """`kill -9`; the exit code, which is another than -9 where it had ended before."""
        with _ASKING:
            self.process.kill()
        wait([self.process.sentinel])
        code = self._code
        assert code is not None
        return code

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._code is None

    @property
    def _code(self) -> int | None:
        with _ASKING:
            return self.process.exitcode

    @property
    def said(self) -> str:
        """Its standard output and standard error."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


def start(arguments: Sequence[object], log: Path, arm: Arm | None = None) -> Command:
    """Starts `modelforge` with these arguments; arm: a function that can be pickled."""
    context: Any = multiprocessing.get_context("forkserver")
    _preload(context)
    process = context.Process(target=_child, args=([str(a) for a in arguments], str(log), arm))
    with _ASKING:
        process.start()
    return Command(process, log)


def run(arguments: Sequence[object], log: Path, arm: Arm | None = None) -> tuple[int, str]:
    """Runs a command to its end: its exit code, and what it said."""
    command = start(arguments, log, arm)
    return command.wait(), command.said


def _preload(context: Any) -> None:
    # The server imports by its own path, which knows what PYTHONPATH says and no more.
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    context.set_forkserver_preload(["faults.imported"])
    try:
        from multiprocessing.forkserver import ensure_running

        ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def _child(arguments: list[str], log: str, arm: Arm | None) -> None:
    from modelforge.cli import main

    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for number in (1, 2):
        os.dup2(descriptor, number)
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
    if arm is not None:
        arm()
    code = main.run(arguments)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # as at the end of any process
            stream.flush()
    os._exit(code)
