"""The blocks of specs that are at hand, as words of the editors' schema."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from modelforge.document import Mapping, plain
from modelforge.document.write import to_line
from modelforge.schema.forms import Schema

# Where a block can stand: among layers, and where a layer takes a layer.
_PLACES = tuple(
    f"{loose}{name}"
    for loose in ("", "loose.")
    for name in ("item", "layer-inside", "layer-inside-or-null")
)


def with_blocks(schema: Schema, specs: Iterable[Mapping]) -> Schema:
    """The schema, made for editors, with the blocks that these specs declare.

    They are offered with their parameters and never blamed: another spec may have other blocks
    under the same names.
    """
    words: dict[str, Schema] = {}
    for spec in specs:
        for name, block in _entries(spec.get("blocks")):
            word = words.setdefault(name, _word(name))
            inner = block if isinstance(block, Mapping) else None
            for parameter, default in _entries(inner.get("params") if inner else None):
                word["properties"].setdefault(parameter, _parameter(default))
    definitions = {**schema["definitions"]}
    for name in _PLACES:
        item = definitions[name]
        definitions[name] = {**item, "properties": {**words, **item["properties"]}}
    return {**schema, "definitions": definitions}


def _entries(node: Any) -> list[tuple[str, Any]]:
    return [(entry.key, entry.value) for entry in node] if isinstance(node, Mapping) else []


def _word(name: str) -> Schema:
    return {**_said(f"The block `{name}`."), "properties": {}}


def _parameter(default: Any) -> Schema:
    value = plain(default)
    return _said("Required." if value is None else f"Default: `{to_line(value)}`")


def _said(text: str) -> Schema:
    return {"description": text, "markdownDescription": text}
