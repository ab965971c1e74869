"""Whether a document keeps to a schema at all: jsonschema's answer, about ten times as fast.

A spec that is right needs no more, and is spared the import of jsonschema; of one that is wrong,
jsonschema tells what is wrong. It knows the keywords that our schemas use; a schema with another
one raises UnknownKeyword, so that nothing passes because nobody looked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Schema: TypeAlias = "Mapping[str, Any]"
Check: TypeAlias = "Callable[[Any], bool]"

# Keywords that tell something to people or to `violations.py`, and refuse nothing.
_NOTES = frozenset(
    {"$schema", "title", "description", "markdownDescription", "definitions", "default"}
    | {"patternErrorMessage", "doNotSuggest"}
)
_TYPES: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
}
_NUMBERS = (int, float)


class UnknownKeyword(Exception):
    """A schema says something that is not understood here."""


class Quick:
    """Checks values against a schema; each part of it is made ready when it is first needed."""

    def __init__(self, schema: Schema) -> None:
        self._definitions: Mapping[str, Schema] = schema.get("definitions", {})
        self._ready: dict[str, Check] = {}
        self._root = self._made(schema)

    def holds(self, value: Any) -> bool:
        """Whether the value keeps to the schema."""
        return self._root(value)

    def _made(self, schema: Schema) -> Check:
        if "$ref" in schema:  # what stands beside it is ignored in draft-07
            return self._reference(schema["$ref"].removeprefix("#/definitions/"))
        checks = [
            getattr(self, _KEYWORDS[keyword])(schema[keyword], schema)
            for keyword in schema
            if keyword not in _NOTES and not keyword.startswith("x-") and _known(keyword)
        ]
        if len(checks) == 1:
            only: Check = checks[0]
            return only
        return lambda value: all(check(value) for check in checks)

    def _reference(self, key: str) -> Check:
        ready = self._ready

        def check(value: Any) -> bool:
            made = ready.get(key)
            if made is None:
                made = ready[key] = self._made(self._definitions[key])
            return made(value)

        return check

    def _type(self, wanted: str | list[str], schema: Schema) -> Check:
        names = [wanted] if isinstance(wanted, str) else wanted
        types = frozenset(type_ for name in names for type_ in _TYPES[name])
        if "integer" in names and float not in types:  # 2.0 is an integer to JSON Schema
            return lambda value: (
                type(value) in types or (type(value) is float and value.is_integer())
            )
        return lambda value: type(value) in types

    def _properties(self, properties: Mapping[str, Schema], schema: Schema) -> Check:
        ready: dict[str, Check] = {}

        def check(value: Any) -> bool:
            if type(value) is not dict:
                return True
            for key, item in value.items():
                made = ready.get(key)
                if made is None:
                    if key not in properties:
                        continue
                    made = ready[key] = self._made(properties[key])
                if not made(item):
                    return False
            return True

        return check

    def _additional(self, wanted: bool | Schema, schema: Schema) -> Check:
        known = schema.get("properties", {})
        if wanted is False:
            return lambda value: type(value) is not dict or known.keys() >= value.keys()
        if wanted is True:
            return lambda value: True
        each = self._made(wanted)
        return lambda value: (
            type(value) is not dict
            or all(each(item) for key, item in value.items() if key not in known)
        )

    def _required(self, names: list[str], schema: Schema) -> Check:
        wanted = frozenset(names)
        return lambda value: type(value) is not dict or wanted <= value.keys()

    def _items(self, item: Schema, schema: Schema) -> Check:
        each = self._made(item)
        return lambda value: type(value) is not list or all(each(part) for part in value)

    def _pattern(self, pattern: str, schema: Schema) -> Check:
        found = re.compile(pattern).search
        return lambda value: type(value) is not str or found(value) is not None

    def _minimum(self, bound: float, schema: Schema) -> Check:
        return lambda value: type(value) not in _NUMBERS or not value < bound

    def _maximum(self, bound: float, schema: Schema) -> Check:
        return lambda value: type(value) not in _NUMBERS or not value > bound

    def _above(self, bound: float, schema: Schema) -> Check:
        return lambda value: type(value) not in _NUMBERS or not value <= bound

    def _below(self, bound: float, schema: Schema) -> Check:
        return lambda value: type(value) not in _NUMBERS or not value >= bound

    def _least_items(self, count: int, schema: Schema) -> Check:
        return lambda value: type(value) is not list or len(value) >= count

    def _most_items(self, count: int, schema: Schema) -> Check:
        return lambda value: type(value) is not list or len(value) <= count

    def _least_keys(self, count: int, schema: Schema) -> Check:
        return lambda value: type(value) is not dict or len(value) >= count

    def _most_keys(self, count: int, schema: Schema) -> Check:
        return lambda value: type(value) is not dict or len(value) <= count

    def _all_of(self, parts: list[Schema], schema: Schema) -> Check:
        made = [self._made(part) for part in parts]
        return lambda value: all(check(value) for check in made)

    def _not(self, inner: Schema, schema: Schema) -> Check:
        refused = self._made(inner)
        return lambda value: not refused(value)


_KEYWORDS = {
    "type": "_type",
    "properties": "_properties",
    "additionalProperties": "_additional",
    "required": "_required",
    "items": "_items",
    "pattern": "_pattern",
    "minimum": "_minimum",
    "maximum": "_maximum",
    "exclusiveMinimum": "_above",
    "exclusiveMaximum": "_below",
    "minItems": "_least_items",
    "maxItems": "_most_items",
    "minProperties": "_least_keys",
    "maxProperties": "_most_keys",
    "allOf": "_all_of",
    "not": "_not",
}


def _known(keyword: str) -> bool:
    if keyword not in _KEYWORDS:
        raise UnknownKeyword(keyword)
    return True
