"""The arrays of a NumPy archive by their headers: shapes and types, without their values."""

from __future__ import annotations

import ast
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_MAGIC = b"\x93NUMPY"
_MOST = 64_000  # bytes; NumPy writes about a hundred


@dataclass(frozen=True, slots=True)
class Header:
    """An array's shape, and NumPy's letter for the kind of its values (`f`, `i`, `u`, `U` ...)."""

    shape: tuple[int, ...]
    kind: str
    bytes: int


def headers(path: Path) -> dict[str, Header] | None:
    """The arrays by name; None where the file is no archive of plain arrays."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = {}
            for member in archive.namelist():
                with archive.open(member) as file:
                    found[member.removesuffix(".npy")] = _header(file)
            return found
    except (OSError, EOFError, ValueError, SyntaxError, LookupError, TypeError, struct.error):
        return None
    except (RecursionError, MemoryError):
        return None  # of a header that nests without end
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        return None  # damaged, compressed in an unknown way, or encrypted


def _header(file: IO[bytes]) -> Header:
    magic = file.read(8)
    if magic[:6] != _MAGIC or magic[6] not in (1, 2, 3):
        raise ValueError("no NumPy array")
    form = "<H" if magic[6] == 1 else "<I"
    (length,) = struct.unpack(form, file.read(struct.calcsize(form)))
    if length > _MOST:
        raise ValueError("too long")
    told = ast.literal_eval(file.read(length).decode("utf-8" if magic[6] == 3 else "latin-1"))
    shape, descr = told["shape"], told["descr"]
    if not isinstance(descr, str) or not all(isinstance(size, int) for size in shape):
        raise ValueError("a structured array")
    kind = descr.lstrip("<>|=")
    return Header(tuple(shape), kind[:1], int(kind[1:].split("[")[0] or 0))
