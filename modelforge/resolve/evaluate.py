"""The value of an expression's tree, every step bounded."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from modelforge.document import Plain
from modelforge.resolve.functions import FUNCTIONS
from modelforge.resolve.syntax import (
    Binary,
    Call,
    Comparison,
    Conditional,
    Index,
    Items,
    Literal,
    Name,
    Tree,
    Unary,
)
from modelforge.resolve.values import (
    MAX_LENGTH,
    ExpressionError,
    Unfit,
    bounded,
    is_number,
    kind,
    weight,
)

Lookup = Callable[[Name], Plain]

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def evaluate(tree: Tree, lookup: Lookup) -> Plain:
    """The value of a tree; names are looked up only where they are needed."""
    try:
        return bounded(_value(tree, lookup))
    except Unfit as unfit:
        raise ExpressionError(str(unfit), tree.start, tree.end) from None
    except ZeroDivisionError:
        raise ExpressionError("division by zero", tree.start, tree.end) from None
    except (OverflowError, ValueError, TypeError) as error:
        # What the checks before an operation have missed stays a finding.
        raise ExpressionError(str(error), tree.start, tree.end) from None


def _value(tree: Tree, lookup: Lookup) -> Any:
    match tree:
        case Literal():
            return tree.value
        case Name():
            return lookup(tree)
        case Items():
            return [evaluate(item, lookup) for item in tree.items]
        case Conditional():
            holds = evaluate(tree.condition, lookup)
            return evaluate(tree.then if holds else tree.otherwise, lookup)
        case Unary():
            return _unary(tree.operator, evaluate(tree.operand, lookup))
        case Binary(operator="and"):
            return evaluate(tree.left, lookup) and evaluate(tree.right, lookup)
        case Binary(operator="or"):
            return evaluate(tree.left, lookup) or evaluate(tree.right, lookup)
        case Binary():
            left, right = evaluate(tree.left, lookup), evaluate(tree.right, lookup)
            return _binary(tree.operator, left, right)
        case Comparison():
            return _compare(tree, lookup)
        case Index():
            return _index(evaluate(tree.value, lookup), evaluate(tree.position, lookup))
        case Call():
            return _call(tree, [evaluate(argument, lookup) for argument in tree.arguments])


def _unary(sign: str, value: Any) -> Any:
    if sign == "not":
        return not value
    if not is_number(value):
        raise Unfit(f"`{sign}` takes a number, not {kind(value)}")
    return -value if sign == "-" else value


def _binary(sign: str, left: Any, right: Any) -> Any:
    if is_number(left) and is_number(right):
        return _power(left, right) if sign == "**" else _ARITHMETIC[sign](left, right)
    if sign == "+" and type(left) is type(right) and isinstance(left, str | list):
        return left + right
    if sign == "*" and isinstance(left, str | list) and is_number(right):
        return _repeated(left, right)
    if sign == "*" and isinstance(right, str | list) and is_number(left):
        return _repeated(right, left)
    raise Unfit(f"`{sign}` cannot take {kind(left)} and {kind(right)}")


def _power(base: float, exponent: float) -> Any:
    # Python would compute 9**9**9 to its last digit.
    if abs(base) > 1 and exponent * math.log2(abs(base)) > 1024:
        raise Unfit("the result is too large")
    if isinstance(base, int) and abs(exponent) > 1024 and abs(base) > 1:
        return float(base) ** exponent
    return base**exponent


def _repeated(value: Any, times: float) -> Any:
    if not isinstance(times, int):
        raise Unfit(f"{kind(value)} can only be repeated an integer number of times")
    if weight(value) * max(times, 0) > MAX_LENGTH:
        raise Unfit(f"the result is longer than {MAX_LENGTH}")
    return value * times


def _compare(tree: Comparison, lookup: Lookup) -> bool:
    left = evaluate(tree.first, lookup)
    for sign, operand in tree.rest:
        right = evaluate(operand, lookup)
        if not _holds(sign, left, right):
            return False
        left = right
    return True


def _holds(sign: str, left: Any, right: Any) -> bool:
    if sign in ("==", "!="):
        return bool(left == right) is (sign == "==")
    both_numbers = is_number(left) and is_number(right)
    if both_numbers or (isinstance(left, str) and isinstance(right, str)):
        return _ORDER[sign](left, right)
    raise Unfit(f"`{sign}` cannot compare {kind(left)} with {kind(right)}")


def _index(value: Any, index: Any) -> Any:
    if isinstance(value, dict):
        if isinstance(index, str) and index in value:
            return value[index]
        raise Unfit(f"there is no key `{index}` in this mapping")
    if not isinstance(value, str | list):
        raise Unfit(f"{kind(value)} has no items")
    if not isinstance(index, int) or isinstance(index, bool):
        raise Unfit(f"an item is chosen by an integer, not by {kind(index)}")
    if not -len(value) <= index < len(value):
        raise Unfit(f"there is no item {index}: it has {len(value)}, counted from 0")
    return value[index]


def _call(tree: Call, arguments: list[Plain]) -> Any:
    function = FUNCTIONS[tree.function]
    count = len(arguments)
    if count < function.least or (function.most is not None and count > function.most):
        most = function.most
        wanted = (
            f"{function.least}"
            if most == function.least
            else (f"at least {function.least}" if most is None else f"{function.least} to {most}")
        )
        noun = "argument" if wanted.endswith("1") else "arguments"
        raise Unfit(f"`{tree.function}` takes {wanted} {noun}, not {count}")
    return function.call(*arguments)
