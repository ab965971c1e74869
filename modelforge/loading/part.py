"""A stretch of a file as a file of its own: the weights, where they lie in the archive."""

from __future__ import annotations

import io
import os
import struct
from typing import BinaryIO

_HEADER = 30  # bytes of a member's header before its name


class Part(io.RawIOBase):
    """Reads `size` bytes from `start`; nothing is copied."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file = file
        self._start = start
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Goes to a place in the stretch."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """The place in the stretch."""
        return self._at

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        """Reads as much as fits and is there."""
        view = memoryview(buffer).cast("B")
        wanted = max(0, min(len(view), self._size - self._at))
        self._file.seek(self._start + self._at)
        got = self._file.readinto(view[:wanted])  # type: ignore[attr-defined]
        self._at += got
        return int(got)


def stored_member(file: BinaryIO, header: int, size: int) -> Part:
    """The content of a member that is not compressed; `header` is where its header begins."""
    file.seek(header)
    fixed = file.read(_HEADER)
    name, extra = struct.unpack("<HH", fixed[26:30])
    return Part(file, header + _HEADER + name + extra, size)
