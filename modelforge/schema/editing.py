"""The schema as editors get it: messages, examples, and what a spec that inherits may leave out.

The check needs none of it. `x-` keys say what there is to tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from modelforge.catalog import Catalog
from modelforge.schema.forms import VARIABLE, Schema

# An editor writes the first type that it finds into a snippet: a number, rather than a list.
_ORDER = ("integer", "number", "boolean", "string", "array", "object", "null")
SECTIONS = {
    "data": "What to train, validate and test on.",
    "model": "Inputs, layers and outputs.",
    "train": "Loss, optimizer, metrics, epochs and what else training needs.",
    "blocks": "Pieces of a model, with parameters, that are used like layers.",
}
_LOOSE = "loose."
_POINTER = "#/definitions/"


def for_editors(schema: Schema, catalog: Catalog) -> Schema:
    """The complete schema with what only editors need."""
    _tell(schema, catalog, schema["definitions"])
    return _with_inheritance(schema)


def _tell(node: Any, catalog: Catalog, definitions: Schema) -> None:
    """Adds messages and examples to every schema within."""
    if isinstance(node, list):
        for item in node:
            _tell(item, catalog, definitions)
    if not isinstance(node, dict):
        return
    for inner in node.values():
        _tell(inner, catalog, definitions)
    if isinstance(node.get("properties"), dict):
        _hidden(node["properties"], definitions)
    if isinstance(node.get("type"), str | list):
        _allow_variable(node)
    if "x-choices" in node:
        node["defaultSnippets"] = _offered(node["x-choices"])
    elif "x-form" in node and "layer" not in node["x-form"]:
        heads = catalog.heads(*node["x-form"])
        node["defaultSnippets"] = _offered(head.name for head in heads if head.bare)
    node |= _messages(node)


def _allow_variable(node: Schema) -> None:
    """Lets a `${...}` stand where a list, a mapping or a whole object may come from a variable."""
    types = [node["type"]] if isinstance(node["type"], str) else node["type"]
    types = sorted(types, key=_ORDER.index)
    if "string" not in types and "x-section" not in node and types != ["null"]:
        types.append("string")  # the last one: it is not what a snippet should offer
        node["pattern"] = f"^{VARIABLE}$"
    node["type"] = types


def _offered(names: Iterable[str]) -> list[Schema]:
    """Values to choose from; as `examples` all of them would stand in every documentation."""
    return [{"label": name, "body": name} for name in names]


def _messages(node: Schema) -> Schema:
    found: Schema = {}
    if "x-form" in node and node.get("additionalProperties") is False:
        kind = str(node["x-form"][0]).replace("_", " ")
        found["errorMessage"] = f"there is no such {kind}"
    if "x-word" in node:
        found["title"] = node["x-word"][1]
    if "x-form" in node and "pattern" in node:
        found["patternErrorMessage"] = f"expected {node['x-expected']}, or it needs arguments"
    elif "pattern" in node and "x-expected" in node:
        variable = ", or a `${variable}`" if VARIABLE in str(node["pattern"]) else ""
        found["patternErrorMessage"] = f"expected {node['x-expected']}{variable}"
    return found


def _hidden(node: Schema, definitions: Schema) -> None:
    """Takes what cannot be said out of what editors offer, and says why.

    Beside a `$ref` editors hear descriptions only.
    """
    for name, inner in node.items():
        if not isinstance(inner, dict):
            continue
        reference = str(inner.get("$ref", ""))
        target = definitions.get(reference.removeprefix(_POINTER), inner)
        reason = target.get("x-refused") or target.get("x-unsayable")
        if reason and reference:
            node[name] = {"allOf": [inner], "deprecationMessage": f"refused: {reason}"}
        elif reason:
            inner["deprecationMessage"] = f"cannot be written: {reason}"
        elif reference and "doNotSuggest" in inner:
            node[name] = {"allOf": [{"$ref": reference}], "doNotSuggest": True}


def _with_inheritance(schema: Schema) -> Schema:
    """A schema that requires nothing of a spec that extends another one, which may have it all.

    The same holds where `model.defaults` gives an argument that a layer must have.
    """
    properties, definitions = schema["properties"], schema["definitions"]
    strict = {name: properties[name] for name in SECTIONS}
    loosened = Loosened(definitions)
    loose = {name: loosened.copy(section) for name, section in strict.items()}
    loosened.complete()
    shown = {name: {"description": SECTIONS[name]} for name in strict}
    rest = {key: value for key, value in schema.items() if key not in ("required", "definitions")}
    return {
        **rest,
        "properties": {**properties, **shown},
        "if": {"anyOf": [{"required": ["extends"]}, _required_by_default(definitions)]},
        "then": {"properties": loose},
        "else": {"required": schema["required"], "properties": strict},
        "definitions": {**definitions, **loosened.definitions},
    }


def _required_by_default(definitions: Schema) -> Schema:
    """What a spec satisfies whose `model.defaults` gives an argument that a layer must have."""
    layers = [
        _holding(name, {"anyOf": [{"required": [each]} for each in strict["required"]]})
        for name in definitions["defaults"]["properties"]
        if "required" in (strict := definitions.get(f"layer.{name}", {}))
    ]
    return _holding("model", _holding("defaults", {"anyOf": layers}))


def _holding(key: str, value: Schema) -> Schema:
    return {"required": [key], "properties": {key: {"type": "object", **value}}}


class Loosened:
    """Copies schemas without what they require, and the definitions that they refer to."""

    def __init__(self, definitions: Schema) -> None:
        self.definitions: Schema = {}
        self._strict = definitions
        self._demanding = _demanding(definitions)
        self._wanted: list[str] = []

    def copy(self, node: Any) -> Any:
        """The same without `required`; short for what requires nothing anyway."""
        if isinstance(node, list):
            return [self.copy(item) for item in node]
        if not isinstance(node, dict):
            return node
        found = {key: self.copy(value) for key, value in node.items() if key != "required"}
        if "x-form" in found and "pattern" in found:
            found["pattern"] = _with_names(found["pattern"], found["properties"])
        name = str(node.get("$ref", "")).removeprefix(_POINTER)
        if name in self._demanding:
            self._wanted.append(name)
            found["$ref"] = f"{_POINTER}{_LOOSE}{name}"
        return found

    def complete(self) -> None:
        """Makes the definitions that the copies refer to."""
        while self._wanted:
            name = self._wanted.pop()
            if _LOOSE + name not in self.definitions:
                self.definitions[_LOOSE + name] = {}
                self.definitions[_LOOSE + name] = self._definition(name)

    def _definition(self, name: str) -> Schema:
        found: Schema = self.copy(self._strict[name])
        if "x-word" in found and "properties" in found:
            # Arguments that are no objects are the same in both.
            found["properties"] = {
                argument: value
                if any(True for _ in _references(value))
                else {"$ref": f"{_POINTER}{name}/properties/{argument}"}
                for argument, value in found["properties"].items()
            }
        return found


def _with_names(pattern: str, words: Schema) -> str:
    """The pattern of bare words, with those that need arguments."""
    names = [re.escape(name) for name, it in words.items() if "deprecationMessage" not in it]
    return pattern.replace("^(", f"^({'|'.join(names)}|", 1)


def _demanding(definitions: Schema) -> set[str]:
    """The definitions that require something, or that hold one which does."""
    found = {
        name
        for name, schema in definitions.items()
        if "required" in schema or schema.get("x-section")
    }
    references = {name: set(_references(schema)) for name, schema in definitions.items()}
    while more := {n for n, targets in references.items() if targets & found} - found:
        found |= more
    return found


def _references(node: Any) -> Iterator[str]:
    """The definitions that a schema refers to."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].removeprefix(_POINTER)
        for inner in node.values():
            yield from _references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _references(inner)
