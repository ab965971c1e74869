"""The defaults of a word's arguments, as values of a spec."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from modelforge.catalog import JsonValue, Kind, load_catalog
from modelforge.spec import Value


@cache
def defaults_of(name: str, *kinds: Kind) -> Mapping[str, Value]:
    """What an argument is where it is not written; required ones are not among them.

    Nothing is known of a plugin's words.
    """
    word = load_catalog().find(name, *kinds)
    return (
        {}
        if word is None
        else {a.name: _value(a.default) for a in word.arguments if not a.required}
    )


def _value(default: JsonValue) -> Value:
    if isinstance(default, list):
        return tuple(_value(item) for item in default)
    if isinstance(default, dict):
        return {name: _value(item) for name, item in default.items()}
    return default
