"""Reads the bytes of a spec: a regular file of bounded size, or standard input."""

from __future__ import annotations

import errno
import os
import stat
import sys

from modelforge.document.limits import MAX_BYTES
from modelforge.findings import Findings, did_you_mean

_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def read_bytes(path: str, findings: Findings) -> bytes | None:
    """The content of a file, or of standard input for `-`; None after a finding."""
    if path == "-":
        return _bounded("<stdin>", sys.stdin.buffer.read(MAX_BYTES + 1), findings)
    try:
        # Not to block: opening a named pipe would otherwise wait for a writer for ever.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _binary())
    except (OSError, ValueError) as error:
        _cannot_open(path, error, findings)
        return None
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        _not_a_file(path, mode, findings)
        return None
    with os.fdopen(handle, "rb") as file:
        try:
            content = file.read(MAX_BYTES + 1)
        except OSError as error:
            findings.error("cannot-read", f"cannot read `{path}`: {_reason(error)}")
            return None
    return _bounded(path, content, findings)


def _binary() -> int:
    return getattr(os, "O_BINARY", 0)


def _bounded(name: str, content: bytes, findings: Findings) -> bytes | None:
    if len(content) <= MAX_BYTES:
        return content
    findings.error(
        "file-too-large",
        f"`{name}` is larger than {MAX_BYTES // 1024} KiB",
        notes=["a spec of 10,000 layers is smaller; is this really the spec?"],
    )
    return None


def _not_a_file(path: str, mode: int, findings: Findings) -> None:
    kind = next((words for test, words in _KINDS if test(mode)), "not a regular file")
    notes = []
    if stat.S_ISDIR(mode):
        specs = [name for name in _siblings(path) if name.endswith((".yaml", ".yml"))]
        notes = [f"specs in it: {', '.join(specs[:8])}"] if specs else []
    else:
        notes = ["a spec can be piped in under the name `-`"]
    findings.error("not-a-file", f"`{path}` is {kind}, not a file", notes=notes)


def _cannot_open(path: str, error: OSError | ValueError, findings: Findings) -> None:
    if isinstance(error, ValueError):
        findings.error("cannot-read", f"`{path!r}` cannot be the name of a file")
    elif error.errno == errno.EISDIR or os.path.isdir(path):
        _not_a_file(path, stat.S_IFDIR, findings)
    elif error.errno in (errno.ENOENT, errno.ENOTDIR):
        folder, name = os.path.split(path)
        findings.error(
            "no-such-file",
            f"there is no file `{path}`",
            hint=did_you_mean(name, _siblings(folder or ".")),
        )
    else:
        findings.error("cannot-read", f"cannot read `{path}`: {_reason(error)}")


def _siblings(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _reason(error: OSError) -> str:
    if error.errno == errno.EACCES:
        return "you have no permission to read it"
    return (error.strerror or str(error)).lower()
