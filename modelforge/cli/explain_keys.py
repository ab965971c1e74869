"""The documentation of a key of the language, such as `train.checkpoint`, as text and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from modelforge.catalog import Catalog
from modelforge.findings import listed
from modelforge.schema.keys import ITEM, Key

_WIDTH = 88


def find_keys(keys: Mapping[str, Key], name: str) -> list[Key]:
    """The keys of this path or, without a dot, of this name in whatever section."""
    if name in keys:
        return [keys[name]]
    return [key for key in keys.values() if key.path.endswith(f".{name}")]


def names_of(keys: Mapping[str, Key]) -> list[str]:
    """Paths and names: what a misspelt one may have meant."""
    return list(dict.fromkeys([*keys, *(key.name for key in keys.values())]))


def as_text(key: Key, keys: Mapping[str, Key], catalog: Catalog) -> str:
    """What the key is for, what it takes, and the keys below it."""
    lines = [f"{key.path} ({_place(key)}): {key.takes}{'; required' if key.required else ''}"]
    lines += ["", *textwrap.wrap(key.description, _WIDTH)] if key.description else []
    words = [head.name for head in catalog.heads(*key.words)] if key.words else []
    if words:
        lines += ["", *textwrap.wrap(f"Words: {listed(words)}", _WIDTH)]
        lines.append("`modelforge explain WORD` explains each.")
    inner = [it for it in keys.values() if it.path.rpartition(".")[0] == key.path]
    if inner:
        lines += ["", "Keys:"]
    for each in inner:
        lines.append(f"  {each.name}: {each.takes}{'; required' if each.required else ''}")
        lines += textwrap.wrap(
            each.description, _WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6
        )
    return "\n".join(lines)


def as_json(found: Sequence[Key]) -> str:
    """The keys as a JSON object."""
    shown = [asdict(key) for key in found]
    return json.dumps({"schema_version": 1, "keys": shown}, indent=2, ensure_ascii=False)


def _place(key: Key) -> str:
    section = key.path.rpartition(".")[0]
    if section == ITEM:
        return "a key of an item of `model.layers`"
    return f"a key of `{section}`" if section else "a section of the spec"
