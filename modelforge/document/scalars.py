"""What a plain scalar means in the core schema of YAML 1.2."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from modelforge.document.limits import MAX_INTEGER, MAX_LITERAL

Value = None | bool | int | float | str

_WORDS: dict[str, Value] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER_STARTS = frozenset("+-.0123456789")
_DECIMAL = re.compile(r"[-+]?[0-9]+", re.ASCII)
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


@dataclass(frozen=True)
class Problem:
    """Why a scalar that YAML reads as a number cannot be used, and how to mend it."""

    rule: str
    message: str
    note: str


def resolve_plain(text: str) -> Value | Problem:
    """The value of an unquoted scalar.

    >>> [resolve_plain(text) for text in ("012", "0o14", "1e3", "no", "")]
    [12, 12, 1000.0, 'no', None]
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _DECIMAL.fullmatch(text) or _OTHER_BASE.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    if _NOT_FINITE.fullmatch(text):
        return _not_finite(text)
    return text


def _integer(text: str) -> int | Problem:
    if len(text) > MAX_LITERAL:
        return _too_long(text)
    value = int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if abs(value) > MAX_INTEGER:
        return Problem(
            "number-too-large",
            f"the integer {text} is too large",
            f"integers go up to 2**53 = {MAX_INTEGER}; put it in quotes if it is meant as text",
        )
    return value


def _float(text: str) -> float | Problem:
    if len(text) > MAX_LITERAL:
        return _too_long(text)
    value = float(text)
    return value if math.isfinite(value) else _not_finite(text)


def _too_long(text: str) -> Problem:
    return Problem(
        "number-too-large",
        f"a number of {len(text)} characters is too long",
        f"numbers have up to {MAX_LITERAL} characters; put it in quotes if it is meant as text",
    )


def _not_finite(text: str) -> Problem:
    return Problem(
        "number-not-finite",
        f"`{text}` is not a finite number",
        "every number of a spec is finite; leave the key out, or quote it if it is meant as text",
    )
