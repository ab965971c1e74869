"""Keys that are longer than YAML's parsers look ahead for their colon."""

from __future__ import annotations

import re

from modelforge.document.breakage import Breakage
from modelforge.findings import Finding

_LONGEST = 1024  # YAML 1.2.2, 7.4.2 and 8.2.2: of a key without `?` before it
_KEY = re.compile(r"""("[^"]*"|'[^']*'|[^\s,{}\[\]"'][^,{}\[\]]*?)\s*:(?=\s|$)""")


def long_key(broken: Breakage) -> Finding | None:
    """A key of more than 1024 characters, of which the parser says that it is none."""
    line = broken.line_text()
    if len(line) <= _LONGEST:
        return None
    for match in _KEY.finditer(line):
        start, end = match.span(1)
        if end - start > _LONGEST and start < broken.column <= match.end():
            return Finding(
                "long-key",
                f"this key has {end - start} characters, and a key of YAML at most {_LONGEST}",
                broken.span(broken.line, start + 1),
                notes=("is it a value, before which its key is missing?",),
            )
    return None
