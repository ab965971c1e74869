"""Writing a text file that a user named: whole, or not at all and with a finding."""

from __future__ import annotations

from pathlib import Path

from modelforge.findings import refuse
from modelforge.runs import files


def write_text(path: str | Path, text: str) -> None:
    """Replaces a file in one step; raises Refused where that cannot be done."""
    try:
        files.write_text(Path(path), text)
    except OSError as error:
        raise refuse("cannot-write", f"cannot write {path}: {error.strerror}") from error
