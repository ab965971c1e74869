"""The keys of the language's own sections, such as `train.checkpoint`, with what they take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modelforge.catalog import Catalog, Kind
from modelforge.schema.editing import SECTIONS
from modelforge.schema.forms import Schema
from modelforge.schema.sections import open_schema

ITEM = "model.layers[]"  # how the place of a layer's own keys is written


@dataclass(frozen=True, slots=True)
class Key:
    """A key by its path; takes: what belongs there; words: the kinds of words that do."""

    path: str
    takes: str
    description: str
    required: bool
    choices: tuple[str, ...] = ()
    words: tuple[Kind, ...] = ()

    @property
    def name(self) -> str:
        """The key alone."""
        return self.path.rpartition(".")[2]


def keys_of(catalog: Catalog) -> dict[str, Key]:
    """Every key by its path, those of a section after it."""
    schema, _ = open_schema(catalog, documentation=True)
    return {key.path: key for key in _Walk(schema["definitions"]).below(schema, "")}


class _Walk:
    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self._definitions = definitions

    def below(self, node: Schema, prefix: str) -> Iterator[Key]:
        """The keys of a section, each with those below it; words are no keys."""
        for name, inner in node.get("properties", {}).items():
            path = f"{prefix}{name}"
            found = self._resolved(inner)
            description = str(inner.get("description") or found.get("description", ""))
            description = description or SECTIONS.get(path, "")
            yield _key(path, found, description, name in node.get("required", ()))
            if path == "model.layers":
                yield from self._of_layers(self._resolved(found["items"]))
            elif "x-section" in found and path != f"{ITEM}.model":  # it has the keys of `model`
                yield from self.below(found, f"{path}.")

    def _of_layers(self, item: Schema) -> Iterator[Key]:
        """What may stand beside a layer, or in its place."""
        keys = {name: item["properties"][name] for name in item["x-beside"]}
        yield from self.below({"properties": keys}, f"{ITEM}.")

    def _resolved(self, node: Schema) -> Schema:
        """What a reference leads to."""
        for inner in node.get("allOf", ()):
            return {**self._resolved(inner), **node}
        name = str(node.get("$ref", "")).rpartition("/")[2]
        return self._resolved(self._definitions[name]) if name else node


def _key(path: str, node: Schema, description: str, required: bool) -> Key:
    choices, words = tuple(node.get("x-choices", ())), tuple(node.get("x-form", ()))
    return Key(path, _takes(node), description, required, choices, words)


def _takes(node: Schema) -> str:
    """What belongs there, in the words of the messages about what does not."""
    expected = str(node.get("x-expected", "")) or _types(node)
    bounds = [
        f"{words} {node[bound]:g}"
        for bound, words in _BOUNDS.items()
        if isinstance(node.get(bound), int | float) and node[bound] < _UNBOUNDED
    ]
    return ", ".join([expected, *([] if any(map(str.isdigit, expected)) else bounds)])


_UNBOUNDED = 1_000_000_000
_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
}
_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
}


def _types(node: Mapping[str, Any]) -> str:
    types = node.get("type", ())
    each = [types] if isinstance(types, str) else types
    return " or ".join(_TYPES.get(it, str(it)) for it in each)
