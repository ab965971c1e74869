"""Expressions: values, errors at the token to blame, and agreement with Python."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelforge.document import Plain
from modelforge.resolve.evaluate import evaluate
from modelforge.resolve.parser import parse_expression
from modelforge.resolve.syntax import Name
from modelforge.resolve.values import MAX_LENGTH, ExpressionError

NAMES: dict[str, Plain] = {"width": 8, "rate": 0.5, "sizes": [1, 2, 3], "name": "net", "on": True}


def compute(text: str) -> Plain:
    def look_up(name: Name) -> Plain:
        return NAMES[name.name]

    return evaluate(parse_expression(text), look_up)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("1 / 16", 0.0625),
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("-7 % 3", 2),
        ("2 ** 3 ** 2", 512),
        ("-2 ** 2", -4),
        ("2 ** -1", 0.5),
        ("2 ** -1 * 4", 2.0),
        ("not on", False),
        ("not 1 == 2", True),
        ("1 < 2 < 3", True),
        ("1 < 3 < 2", False),
        ("on and width", 8),
        ("false or 'x'", "x"),
        ("width if on else rate", 8),
        ("1 if false else 2 if false else 3", 3),
        ("[1, 'a', true, null]", [1, "a", True, None]),
        ("[]", []),
        ("[1, 2,]", [1, 2]),
        ("sizes[-1]", 3),
        ("[[1, 2], [3]][0][1]", 2),
        ("name[0]", "n"),
        ("name + '-' + str(width)", "net-8"),
        ("sizes + [4]", [1, 2, 3, 4]),
        ("[0] * 3", [0, 0, 0]),
        ("2 * 'ab'", "abab"),
        ("min(3, 1, 2)", 1),
        ("max(sizes)", 3),
        ("abs(-3)", 3),
        ("round(2.567, 1)", 2.6),
        ("round(2.5)", 2),
        ("floor(-1.5)", -2),
        ("ceil(1.2)", 2),
        ("int(3.9)", 3),
        ("int('012')", 12),
        ("float('1e3')", 1000.0),
        ("str(1e-3)", "0.001"),
        ("str(true)", "true"),
        ("len(name)", 3),
        ("range(3)", [0, 1, 2]),
        ("range(4, 0, -2)", [4, 2]),
        ("sum(sizes)", 6),
        ("log(8, 2)", 3.0),
        ("sqrt(2)", math.sqrt(2)),
        ("1e3", 1000.0),
        (".5", 0.5),
        ('"it\'s"', "it's"),
        ("true == True", True),
        ("'a' < 'b'", True),
    ],
)
def test_values(text: str, value: Plain) -> None:
    found = compute(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "blamed", "message"),
    [
        ("1 +", "", "the expression ends too early"),
        ("1 + * 2", "*", "a value is missing before `*`"),
        ("(1", "(", "`(` has no `)`"),
        ("[1, 2", "[", "`[` has no `]`"),
        ("width 2", "2", "`2` was not expected here"),
        ("1 2", "2", "`2` was not expected here"),
        ("width = 2", "=", "`=` means nothing in an expression"),
        ("a && b", "&", "`&` means nothing in an expression"),
        ("lenght('a')", "lenght", "there is no function `lenght`"),
        ("width(2)", "width", "there is no function `width`"),
        ("(width)(2)", "(", "only functions can be called"),
        ("1.2.3", "1.2.", "`1.2.` is not a number"),
        ("0x1F", "0x", "`0x` is not a number"),
        ("1_000", "1_", "`1_` is not a number"),
        ("'abc", "'abc", "this text is never closed"),
        ("1 if on", "if", "`if` has no `else`"),
        ("width in sizes", "in", "`in` was not expected here"),
        ("else", "else", "`else` is not a value"),
        ("9007199254740993", "9007199254740993", "the number 9007199254740993 is too large"),
        ("1e999", "1e999", "the number 1e999 is too large"),
        ("1 / 0", "/", "division by zero"),
        ("0 ** -1", "**", "division by zero"),
        ("9 ** 9 ** 9", "**", "the result is too large"),
        ("9007199254740992 + 1", "+", "the result is an integer larger than 2**53"),
        ("1e308 * 10", "*", "the result is not a finite number"),
        ("(-8) ** 0.5", "**", "the result is not a real number"),
        ("1 + 'a'", "+", "`+` cannot take a number and a text"),
        ("1 + true", "+", "`+` cannot take a number and true"),
        ("-'a'", "-", "`-` takes a number, not a text"),
        ("1 < 'a'", "<", "`<` cannot compare a number with a text"),
        ("sizes[3]", "[3]", "there is no item 3: it has 3, counted from 0"),
        ("sizes['a']", "['a']", "an item is chosen by an integer, not by a text"),
        ("width[0]", "[0]", "a number has no items"),
        ("min()", "min", "`min` takes at least 1 argument, not 0"),
        ("sqrt(1, 2)", "sqrt", "`sqrt` takes 1 argument, not 2"),
        ("round(1, 2, 3)", "round", "`round` takes 1 to 2 arguments, not 3"),
        ("sqrt(-1)", "sqrt", "a negative number has no square root"),
        ("log(0)", "log", "there is no such logarithm"),
        ("int('x')", "int", "the text `x` is not a number"),
        ("max([])", "max", "the list is empty"),
        ("range(10 ** 9)", "range", f"the result is longer than {MAX_LENGTH}"),
        ("range(1, 2, 0)", "range", "range() arg 3 must not be zero"),
        ("'a' * 1000000000", "*", f"the result is longer than {MAX_LENGTH}"),
        ("[[0] * 1000] * 1000", "*", f"the result is longer than {MAX_LENGTH}"),
        ("str([1])", "str", "a list cannot be part of a text"),
        ("", "", "the expression is empty"),
        ("__import__('os')", "__import__", "there is no function `__import__`"),
        ("name.__class__('os')", "name.__class__", "there is no function `name.__class__`"),
        ("lambda: 1", ":", "`:` means nothing in an expression"),
    ],
)
def test_errors_blame_a_token(text: str, blamed: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compute(text)
    error = caught.value
    assert error.message == message
    assert text[error.start : error.end] == blamed


@pytest.mark.parametrize(
    "text",
    [
        "(" * 400 + "1" + ")" * 400,
        "[" * 999,
        "-" * 999 + "1",
        "not " * 200 + "1",
        "+".join("1" * 400),
        "1" + "[0]" * 300,
        "2" + "**2" * 300,
        "1 if 1 else " * 80 + "1",
        "1" * 2_000,
        "x" * 2_000,
        "1<" * 450 + "1",
    ],
)
def test_size_is_bounded(text: str) -> None:
    try:
        compute(text)
    except ExpressionError as error:
        assert 0 <= error.start <= error.end <= len(text)


NUMBERS = st.integers(-50, 50) | st.floats(-50, 50).map(lambda x: round(x, 3))
ARITHMETIC = st.recursive(
    NUMBERS.map(lambda n: f"({n!r})" if n < 0 else repr(n)).filter(lambda t: "e" not in t),
    lambda inner: (
        st.builds(
            lambda left, sign, right: f"{left} {sign} {right}",
            inner,
            st.sampled_from(["+", "-", "*", "/", "//", "%", "<", "==", "and", "or", "**"]),
            inner,
        )
        | inner.map(lambda text: f"({text})")
        | inner.map(lambda text: f"-{text}")
        | inner.map(lambda text: f"(not {text})")
        | st.builds(lambda a, b, c: f"({a} if {b} else {c})", inner, inner, inner)
        | st.builds(lambda a, b: f"max({a}, {b})", inner, inner)
    ),
    max_leaves=6,
)


@settings(max_examples=500)
@given(ARITHMETIC)
def test_agrees_with_python(text: str) -> None:
    # Towers of powers would keep Python busy; arithmetic on truth values is refused here.
    if text.count("**") > 1:
        return
    try:
        ours = compute(text)
    except ExpressionError:
        return
    assert ours == eval(text, {"max": max})


@given(st.text(st.sampled_from("0123456789.+-*/%<>=()[], 'aeif\"\nwidth_x"), max_size=40))
def test_any_text_is_computed_or_refused(text: str) -> None:
    try:
        compute(text)
    except ExpressionError as error:
        assert 0 <= error.start <= error.end <= max(len(text), 1)
    except KeyError:
        pass  # a name that this test does not know
