"""One process at a time in a run folder: a lock that the system takes back when a process dies."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from typing import Any

from modelforge.findings import refuse
from modelforge.runs.folder import RunFolder

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

NAME = ".lock"


@contextlib.contextmanager
def locked(folder: RunFolder) -> Iterator[None]:
    """Keeps every other process out of the run; refused, with the owner, where one is in it.

    The lock of a process that died, however it died, is free: nothing has to be cleaned up. File
    systems without locks (some network ones) leave it to `state.json` to say who is running.
    """
    descriptor = os.open(folder.path / NAME, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _take(descriptor, folder)
        os.ftruncate(descriptor, 0)
        os.write(
            descriptor, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode()
        )
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, folder: RunFolder) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = _owner(descriptor)
        raise refuse(
            "run-in-use",
            f"the run `{folder.path}` is still running{owner}",
            notes=["two processes in one run folder would destroy each other's checkpoints"],
        ) from None
    except OSError:
        return  # no locks on this file system


def _owner(descriptor: int) -> str:
    try:
        found: Any = json.loads(os.read(descriptor, 1000))
        return f", as process {found['pid']} on {found['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
