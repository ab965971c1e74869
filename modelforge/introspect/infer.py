"""From a parameter and its documentation to an Argument: types, kinds, choices, default.

Where nothing certain is known the types stay empty, which lets everything through: Keras itself
still has the last word, and a wrong refusal is worse than a late one.
"""

from __future__ import annotations

import re
from typing import Any

from modelforge.catalog.word import TAKES_FUNCTION, Argument, JsonType, JsonValue, Kind
from modelforge.introspect.prose import Said, choices, said
from modelforge.introspect.signatures import Parameter

_KINDS: tuple[tuple[str, tuple[Kind, ...]], ...] = (
    (r"(.*_)?initializer", ("initializer",)),
    (r"(.*_)?regularizer", ("regularizer",)),
    (r"(.*_)?constraint", ("constraint",)),
    (r"(.*_)?activation", ("activation",)),
    (r"(.*_)?layer|layers|cells?", ("layer",)),
    (r"(.*_)?optimizer", ("optimizer",)),
    (r"learning_rate", ("schedule",)),
    (r"(.*_)?dtype|.*_policy", ("dtype_policy",)),
    (r"quantization_config", ("quantization",)),
)
_MANY = ("layers", "cells")
_NAMED_TYPES = ("dtype_policy",)  # kinds that a plain string names, too (`mixed_bfloat16`)
_COUNTS = re.compile(
    r"units|filters|(.*_)?(dim|steps?|epoch|freq|heads|tokens|bins|size|patience|verbose|seed)"
    r"|num_.*|k|n|.*_rank|classes|power_iterations"
)
_AXIS = re.compile(r"(.*_)?axis")
_SEVERAL_AXES = re.compile(r"[\[(]\d+, ?\d+")
_UNSAYABLE = re.compile(
    r"^(?:the )?(?:callable|function|metric function|calibration|a tokenizer)|^a function that"
    r"|^an instance of|^`torch|^optional keras tensor|^called at|^a `?dict`? containing all the",
    re.IGNORECASE,
)
_UNSAYABLE_NAMES = ("input_tensor", "optimizer_map", "policy_map", "init_fn", "params", "state")
_OBJECT = "it takes a tensor or another object of Python, which YAML cannot hold"
_ORDER: tuple[JsonType, ...] = (
    "null",
    "boolean",
    "integer",
    "number",
    "string",
    "array",
    "object",
)


def argument_of(parameter: Parameter, documentation: str, word: str) -> Argument:
    """Everything that can be told about one argument of the word."""
    kinds = _kinds(parameter.name)
    facts: dict[str, Any] = {
        "name": parameter.name,
        "required": parameter.required,
        "default": None if parameter.required else _plain(parameter.default),
        "keyword_only": parameter.keyword_only,
        "documentation": documentation,
    }
    if kinds:
        types = _beside_objects(parameter, kinds, documentation)
        return Argument(**facts, kinds=kinds, types=types, many=parameter.name in _MANY)
    unsayable = _unsayable(parameter, documentation)
    if unsayable:
        return Argument(**facts, unsayable=unsayable)
    found = _fitting(said(documentation), parameter.default, word)
    types = _types(parameter, found, documentation)
    allowed = _choices(parameter, types, documentation)
    if allowed and "string" not in types:
        types = (*types, "string", *_null(parameter))
    items, length = _items(parameter.default, found, types)
    return Argument(**facts, types=_sorted(types), choices=allowed, items=items, length=length)


def _kinds(name: str) -> tuple[Kind, ...]:
    for pattern, kinds in _KINDS:
        if re.fullmatch(pattern, name):
            return kinds
    return ()


def _beside_objects(
    parameter: Parameter, kinds: tuple[Kind, ...], documentation: str
) -> tuple[JsonType, ...]:
    """The plain values beside objects: nothing, a rate's number, the name of a dtype."""
    types: set[JsonType] = set()
    if parameter.name == "learning_rate":
        return ("number",)
    if not parameter.required or "None" in documentation:
        types.add("null")
    if any(kind in _NAMED_TYPES for kind in kinds):
        types.add("string")
    return _sorted(tuple(types))


def _unsayable(parameter: Parameter, documentation: str) -> str:
    if parameter.name in _UNSAYABLE_NAMES:
        return TAKES_FUNCTION if parameter.name.endswith("fn") else _OBJECT
    match = _UNSAYABLE.search(documentation)
    if match is None or isinstance(parameter.default, (str, bool, int, float)):
        return ""
    return TAKES_FUNCTION if re.search("func|call", match[0], re.IGNORECASE) else _OBJECT


def _fitting(found: Said, default: Any, word: str) -> Said:
    """The prose without a count that the class's rank or the default contradicts.

    `Conv3DTranspose.kernel_size` is documented as "tuple/list of 1 integer".
    """
    rank = re.search(r"(\d)D", word)
    wrong = isinstance(default, tuple) and found.count != len(default)
    if found.count == 1 and rank and int(rank[1]) > 1:
        wrong = True
    return Said(found.types, found.items, None) if wrong else found


def _types(parameter: Parameter, found: Said, documentation: str) -> tuple[JsonType, ...]:
    """The JSON types of plain values, from the default first and the prose second."""
    default, named = parameter.default, set(found.types)
    if parameter.name == "name":
        return ("string", "null")
    if _AXIS.fullmatch(parameter.name) and _SEVERAL_AXES.search(documentation):
        named.add("array")
    if isinstance(default, bool):
        return tuple({"boolean", *(named & {"null"})})
    if parameter.required or default is None:
        return _types_without_default(parameter, named)
    if isinstance(default, int):
        whole = "integer" in named or _counts(parameter) or _AXIS.fullmatch(parameter.name)
        return tuple({"integer" if whole and "number" not in named else "number", *named})
    if isinstance(default, float):
        return tuple({"number", *(named & {"null", "array"})})
    if isinstance(default, str):
        return tuple({"string", *named} - {"object"})
    return tuple({"array", *(named - {"string"})})


def _types_without_default(parameter: Parameter, named: set[JsonType]) -> tuple[JsonType, ...]:
    if not named - {"null"}:
        return ("integer", *_null(parameter)) if _counts(parameter) else ()
    return tuple(named | set(_null(parameter)))


def _choices(
    parameter: Parameter, types: tuple[JsonType, ...], documentation: str
) -> tuple[str, ...]:
    if types and "string" not in types and set(types) != {"null"}:
        return ()
    found = choices(documentation)
    if isinstance(parameter.default, str) and parameter.default not in found:
        return ()
    return found


def _null(parameter: Parameter) -> tuple[JsonType, ...]:
    return () if parameter.required else ("null",)


def _counts(parameter: Parameter) -> bool:
    return _COUNTS.fullmatch(parameter.name) is not None


def _items(
    default: Any, found: Said, types: tuple[JsonType, ...]
) -> tuple[tuple[JsonType, ...], tuple[int, int] | None]:
    """What a list holds, and how many; a default tells the length where a scalar would do, too."""
    if "array" not in types:
        return (), None
    length = (found.count, found.count) if found.count else None
    if not isinstance(default, (tuple, list)) or not default:
        return _sorted(found.items), length
    if "integer" in types:
        length = (len(default), len(default))
    if any(isinstance(item, (tuple, list)) for item in default):
        return ("integer", "array"), length
    if found.items or not all(isinstance(item, (int, float)) for item in default):
        return _sorted(found.items), length
    return (("integer",) if "integer" in types else ("number",)), length


def _plain(value: Any) -> JsonValue:
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return getattr(value, "__name__", str(value))


def _sorted(types: tuple[JsonType, ...]) -> tuple[JsonType, ...]:
    kept = set(types) - ({"integer"} if "number" in types else set())
    return tuple(sorted(kept, key=_ORDER.index))
