"""The functions that expressions may call."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from modelforge.document import Plain, Problem, resolve_plain
from modelforge.resolve.values import MAX_LENGTH, Unfit, as_text, is_number, kind


@dataclass(frozen=True)
class Function:
    """A function and how many arguments it takes; most None means any number."""

    call: Callable[..., Any]
    least: int
    most: int | None


def _number(value: Plain) -> Any:
    if not is_number(value):
        raise Unfit(f"a number is expected, not {kind(value)}")
    return value


def _many(arguments: tuple[Plain, ...]) -> list[Any]:
    """The arguments themselves, or the items of a single list."""
    first = arguments[0]
    items = first if len(arguments) == 1 and isinstance(first, list) else list(arguments)
    if not items:
        raise Unfit("the list is empty")
    if not all(isinstance(item, str) for item in items):
        for item in items:
            _number(item)
    return items


def _length(value: Plain) -> int:
    if isinstance(value, str | list | dict):
        return len(value)
    raise Unfit(f"{kind(value)} has no length")


def _sum(value: Plain) -> Any:
    if not isinstance(value, list):
        raise Unfit(f"a list is expected, not {kind(value)}")
    return sum(_number(item) for item in value)


def _range(*bounds: Plain) -> list[int]:
    for bound in bounds:
        if not isinstance(_number(bound), int):
            raise Unfit("`range` takes integers")
    numbers = range(*bounds)  # type: ignore[arg-type]
    if len(numbers) > MAX_LENGTH:
        raise Unfit(f"the result is longer than {MAX_LENGTH}")
    return list(numbers)


def _parsed(value: Plain) -> Any:
    """A number, also from a text that is one or from true and false."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        number = resolve_plain(value.strip())
        if isinstance(number, Problem) or not is_number(number):
            raise Unfit(f"the text `{value[:40]}` is not a number")
        return number
    return _number(value)


def _round(value: Plain, digits: Plain = None) -> Any:
    if digits is None:
        return round(_number(value))
    if not isinstance(_number(digits), int) or not -20 <= digits <= 20:  # type: ignore[operator]
        raise Unfit("the second argument of `round` is an integer from -20 to 20")
    return round(_number(value), digits)  # type: ignore[arg-type, call-overload]


def _log(value: Plain, base: Plain = math.e) -> float:
    if _number(value) <= 0 or _number(base) <= 0 or base == 1:
        raise Unfit("there is no such logarithm")
    return math.log(value) if base == math.e else math.log(value, base)  # type: ignore[arg-type]


def _sqrt(value: Plain) -> float:
    if _number(value) < 0:
        raise Unfit("a negative number has no square root")
    return math.sqrt(value)  # type: ignore[arg-type]


FUNCTIONS: dict[str, Function] = {
    "min": Function(lambda *items: min(_many(items)), 1, None),
    "max": Function(lambda *items: max(_many(items)), 1, None),
    "abs": Function(lambda value: abs(_number(value)), 1, 1),
    "round": Function(_round, 1, 2),
    "floor": Function(lambda value: math.floor(_number(value)), 1, 1),
    "ceil": Function(lambda value: math.ceil(_number(value)), 1, 1),
    "int": Function(lambda value: int(_parsed(value)), 1, 1),
    "float": Function(lambda value: float(_parsed(value)), 1, 1),
    "str": Function(as_text, 1, 1),
    "len": Function(_length, 1, 1),
    "range": Function(_range, 1, 3),
    "sum": Function(_sum, 1, 1),
    "log": Function(_log, 1, 2),
    "sqrt": Function(_sqrt, 1, 1),
}
