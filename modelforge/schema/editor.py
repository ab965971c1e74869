"""Where editors find the schema, and their settings that say so, merged with what is there."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

SCHEMA = Path(".modelforge") / "schema.json"
SETTINGS = Path(".vscode") / "settings.json"
EXTENSIONS = Path(".vscode") / "extensions.json"
GLOBS = ("*.modelforge.yaml", "*.modelforge.yml")
EXTENSION = "redhat.vscode-yaml"
_KEY = f"./{SCHEMA.as_posix()}"


class CannotMerge(Exception):
    """A file of settings that cannot be changed without losing something: why not."""


def modeline(folder: Path) -> str:
    """The comment that tells an editor where the schema of a spec in this folder lies.

    That is the nearest place above where one has been installed, else beside the spec.
    """
    folder = Path(os.path.abspath(folder))
    root = next(
        (above for above in (folder, *folder.parents) if (above / SCHEMA).is_file()), folder
    )
    path = os.path.relpath(root / SCHEMA, folder).replace(os.sep, "/")
    return f"# yaml-language-server: $schema={path}"


def settings(text: str | None, globs: Iterable[str]) -> str:
    """`settings.json` that connects the schema with these names of files."""

    def change(values: dict[str, Any]) -> None:
        schemas = values.setdefault("yaml.schemas", {})
        if not isinstance(schemas, dict):
            raise CannotMerge("its `yaml.schemas` is no object")
        before = schemas.get(_KEY, [])
        known = [before] if isinstance(before, str) else list(before)
        schemas[_KEY] = list(dict.fromkeys([*known, *globs]))

    return _changed(text, change)


def extensions(text: str | None) -> str:
    """`extensions.json` that recommends the extension which understands the schema."""

    def change(values: dict[str, Any]) -> None:
        known = values.setdefault("recommendations", [])
        if not isinstance(known, list):
            raise CannotMerge("its `recommendations` is no list")
        if EXTENSION not in known:
            known.append(EXTENSION)

    return _changed(text, change)


def to_add(path: Path, globs: Iterable[str]) -> str:
    """What a user has to write into a file that could not be merged."""
    if path == SETTINGS:
        return json.dumps({"yaml.schemas": {_KEY: list(globs)}})[1:-1]
    return json.dumps({"recommendations": [EXTENSION]})[1:-1]


def holds(path: Path, text: str, globs: Iterable[str]) -> bool:
    """Whether a file that cannot be merged says what it has to say already."""
    wanted = (_KEY, *globs) if path == SETTINGS else (EXTENSION,)
    return all(json.dumps(each) in text for each in wanted)


def _changed(text: str | None, change: Callable[[dict[str, Any]], None]) -> str:
    """The text with a change made to its values; the same text where that changes none."""
    values: Any = {}
    if text is not None and text.strip():
        try:
            values = json.loads(text)
        except ValueError:
            raise CannotMerge("it has comments, or is no JSON") from None
        if not isinstance(values, dict):
            raise CannotMerge("it is no object")
    before = json.dumps(values)
    change(values)
    if text is not None and json.dumps(values) == before:
        return text
    indented = re.search(r"^([ \t]+)\S", text or "", re.MULTILINE)
    indent = indented[1] if indented else "  "
    return json.dumps(values, indent=indent, ensure_ascii=False) + "\n"
