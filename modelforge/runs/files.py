"""Files that are there whole or not at all: written under another name, flushed, renamed."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def write_text(path: Path, text: str) -> None:
    """Puts the text there, replacing what was there before in one step."""
    write_whole(path, lambda temporary: _put(temporary, text))


def write_json(path: Path, value: Any) -> None:
    """Puts the value there as indented JSON."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def write_whole(path: Path, write: Callable[[Path], object], *, durable: bool = False) -> None:
    """Has `write` make a file under a temporary name of the same ending, and renames it.

    durable: the new name is on the disk, too, when this returns; a power cut cannot undo it.
    """
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        write(temporary)
        _flush(temporary)
        os.replace(temporary, path)
        if durable:
            _flush(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def append_line(path: Path, line: str) -> None:
    """Adds a line to a log, which grows and is never replaced."""
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def read_json(path: Path) -> Any:
    """The value that `write_json` put there; None where there is none or it cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # the last one where it is too deep
        return None


def remove_parts(folder: Path) -> None:
    """Removes what a process left behind that was killed while it wrote; nobody else may write."""
    for place in (folder, *(path for path in folder.iterdir() if path.is_dir())):
        for part in place.glob(".*.part*"):
            part.unlink(missing_ok=True)


def no_room(error: OSError) -> bool:
    """Whether the disk is full, or what a user may write on it is used up."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _flush(path: Path) -> None:
    # Without it a power cut may leave the new name with the old file's blocks.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
