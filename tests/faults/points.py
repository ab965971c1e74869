"""Every point at which a command writes into a run folder, and what lies there just before it.

`kill -9` leaves what the system calls up to then have written. So the folder copied just before
each call that opens, flushes, renames or removes a file in it is what a kill at that call leaves;
one run gives all of them. What Python has not handed to the system yet is lost in both.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_EVENTS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link"}


@dataclass(frozen=True)
class Points:
    """What a child does to itself to keep a copy of `folder` below `copies` at every point."""

    folder: str
    copies: str

    def __call__(self) -> None:
        """Begins to watch this process."""
        copying = False
        number = 0

        def keep(event: str, path: Any) -> None:
            nonlocal copying, number
            if copying or not _within(path, self.folder):
                return
            copying = True  # copying writes, too
            number += 1
            name = re.sub(r"\.\d+\.part", ".part", os.path.relpath(path, self.folder))
            place = f"{self.copies}/{number:04d} {event} {name.replace('/', ':')}"
            if os.path.isdir(self.folder):
                shutil.copytree(self.folder, f"{place}/run")
            copying = False

        def audit(event: str, arguments: tuple[Any, ...]) -> None:
            if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
                keep("open", arguments[0])
            elif event in _EVENTS:
                keep(event, arguments[0])

        flush = os.fsync

        def fsync(descriptor: int) -> None:
            keep("fsync", os.readlink(f"/proc/self/fd/{descriptor}"))
            flush(descriptor)

        os.fsync = fsync
        sys.addaudithook(audit)


def different_copies(copies: Path) -> list[Path]:
    """The copied folders in the order of their points; those equal to the one before left out.

    What lies in a temporary file makes no difference: nobody reads it.
    """
    found: list[Path] = []
    before = None
    for copy in sorted(copies.glob("*/run")):
        content = {
            str(path.relative_to(copy)): path.read_bytes()
            if path.is_file() and ".part" not in path.name
            else None
            for path in copy.rglob("*")
        }
        if content != before:
            found.append(copy)
        before = content
    return found


def _within(path: Any, folder: str) -> bool:
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    return isinstance(path, str | os.PathLike) and os.fspath(path).startswith(folder)
