"""What annotations tell about an argument: the types, choices and kinds of object that it takes."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modelforge.catalog.word import TAKES_FUNCTION, Argument, JsonType, Kind
from modelforge.introspect.names import NAMESPACES

_PLAIN: dict[Any, JsonType] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
}


@dataclass(frozen=True)
class Annotated:
    """What an annotation says; known is false where a part of it says nothing to us."""

    types: frozenset[JsonType] = frozenset()
    items: frozenset[JsonType] = frozenset()
    choices: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    function: bool = False
    known: bool = True

    def __or__(self, other: Annotated) -> Annotated:
        return Annotated(
            self.types | other.types,
            self.items | other.items,
            (*self.choices, *other.choices),
            tuple(dict.fromkeys((*self.kinds, *other.kinds))),
            self.function or other.function,
            self.known and other.known,
        )


UNKNOWN = Annotated(known=False)


def annotations_of(function: Any) -> dict[str, Any]:
    """The annotations of a function by parameter; empty where they cannot be evaluated."""
    try:
        return typing.get_type_hints(function)
    except Exception:  # a name that exists for type checkers only
        return {}


def annotated(argument: Argument, annotation: Any) -> Argument:
    """The argument with what its annotation says, which counts more than what was guessed."""
    told = read(annotation)
    if told.kinds:
        kept = told.types - {"object"} if told.known else frozenset(argument.types)
        return replace(
            argument, kinds=told.kinds, many=False, types=tuple(sorted(kept)), choices=()
        )
    if told.function and not told.types - {"null"}:
        return replace(argument, unsayable=TAKES_FUNCTION, types=(), kinds=())
    if argument.kinds or not told.known or not told.types:
        return argument
    return replace(
        argument,
        types=tuple(sorted(told.types - ({"integer"} if "number" in told.types else set()))),
        choices=told.choices if "string" in told.types else (),
        items=tuple(sorted(told.items)),
        length=argument.length if "array" in told.types else None,
        unsayable="",
    )


def read(annotation: Any) -> Annotated:
    """What one annotation says."""
    if annotation in _PLAIN:
        return Annotated(frozenset({_PLAIN[annotation]}))
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        found = read(inner[0])
        for each in inner[1:]:
            found |= read(each)
        return found
    if origin is typing.Annotated:
        return read(inner[0])
    if origin is typing.Literal:
        return _literal(inner)
    thing = origin or annotation
    if thing is Callable or thing is types.FunctionType:
        return Annotated(function=True)
    if not inspect.isclass(thing):
        return UNKNOWN
    if issubclass(thing, Mapping):
        return Annotated(frozenset({"object"}))
    if issubclass(thing, Sequence) and not issubclass(thing, bytes):
        return _sequence(inner)
    kinds = tuple(n.kind for n in NAMESPACES if n.base is not None and issubclass(thing, n.base))
    return Annotated(kinds=kinds[:1]) if kinds else UNKNOWN


def _literal(values: tuple[Any, ...]) -> Annotated:
    found = frozenset(_PLAIN[type(value)] for value in values if type(value) in _PLAIN)
    choices = tuple(value for value in values if isinstance(value, str))
    return Annotated(found, choices=choices)


def _sequence(inner: tuple[Any, ...]) -> Annotated:
    items = Annotated()
    for each in inner:
        if each is not Ellipsis:
            items |= read(each)
    known = items.types if items.known and not items.kinds else frozenset()
    return Annotated(frozenset({"array"}), items=known)
