"""The text of a starter spec: what all of them share, and how values are written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

SCHEMA_LINE = "# yaml-language-server: $schema=.modelforge/schema.json"
TEMPLATES = Path(__file__).parent / "templates"

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_RESERVED = {"null", "true", "false", "none", "nan", "inf"}


def text(value: str) -> str:
    """A string as YAML: plain where it cannot be misread, else in quotes."""
    if _PLAIN.fullmatch(value) and value.lower() not in _RESERVED:
        return value
    return json.dumps(value, ensure_ascii=False)


def texts(values: Iterable[str]) -> str:
    """Strings as a YAML list on one line."""
    return "[" + ", ".join(text(value) for value in values) + "]"


def templates() -> dict[str, str]:
    """The templates by name, each with the sentence that it opens with."""
    found = {}
    for path in sorted(TEMPLATES.glob("*.yaml")):
        found[path.stem] = path.read_text(encoding="utf-8").splitlines()[1].removeprefix("# ")
    return found


def from_template(template: str, name: str) -> str:
    """A template with its name filled in."""
    path = TEMPLATES / f"{template}.yaml"
    return path.read_text(encoding="utf-8").replace("name: {name}", f"name: {text(name)}")


def batch_size(samples: int) -> int:
    """A batch size of which some twenty make an epoch, between 8 and 64."""
    size = 64
    while size > 8 and samples < 20 * size:
        size //= 2
    return max(1, min(size, samples // 2))
