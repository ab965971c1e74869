"""A disk of a megabyte or two, that can be filled up and made read-only."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(place: Path, kilobytes: int) -> Iterator[Path]:
    """A tmpfs of that size; skips the test where this user may not mount one."""
    place.mkdir()
    size = f"size={kilobytes}k"
    asked = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)]
    try:
        subprocess.run(asked, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no file system can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path) -> Path:
    """Leaves no byte free; gives the file that takes the room."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return filler


def read_only(disk: Path) -> None:
    """Lets nobody write there any more."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
