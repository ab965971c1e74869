"""Keys that are longer than YAML's parsers look ahead for their colon."""

from __future__ import annotations

import re

from modelforge.document.breakage import Breakage
from modelforge.findings import Finding

_LONGEST = 1024  # YAML 1.2.2, 7.4.2 and 8.2.2: of a key without `?` before it
_COLON = re.compile(r":(?=\s|$)")
_BEFORE = (",", "{", "}", "[", "]", ": ")  # what can stand before a key that has no quotes


def long_key(broken: Breakage) -> Finding | None:
    """A key of more than 1024 characters, of which the parser says that it is none."""
    line = broken.line_text()
    if len(line) <= _LONGEST:
        return None
    colon = _COLON.search(line, broken.column - 1)
    if colon is None:
        return None
    key = line[: colon.start()].rstrip()
    start = _start(key)
    if len(key) - start <= _LONGEST or start >= broken.column:
        return None
    return Finding(
        "long-key",
        f"this key has {len(key) - start} characters, and a key of YAML at most {_LONGEST}",
        broken.span(broken.line, start + 1),
        notes=("is it a value, before which its key is missing?",),
    )


def _start(line: str) -> int:
    """Where the key begins that the line ends with; a line may be a megabyte of anything."""
    if line.endswith(('"', "'")):
        return max(0, line.rfind(line[-1], 0, len(line) - 1))
    start = max(line.rfind(mark) + len(mark) if mark in line else 0 for mark in _BEFORE)
    return len(line) - len(line[start:].lstrip())
