"""Plain scalars mean what the core schema of YAML 1.2 says."""

from __future__ import annotations

import pytest

from modelforge.document import Mapping, Problem, Scalar, parse, plain, resolve_plain
from modelforge.findings import Findings, Source

CORE = [
    ("", None),
    ("~", None),
    ("null", None),
    ("Null", None),
    ("NULL", None),
    ("nULL", "nULL"),
    ("true", True),
    ("True", True),
    ("TRUE", True),
    ("tRUE", "tRUE"),
    ("false", False),
    ("yes", "yes"),
    ("no", "no"),
    ("on", "on"),
    ("off", "off"),
    ("y", "y"),
    ("0", 0),
    ("-0", 0),
    ("012", 12),
    ("+7", 7),
    ("-7", -7),
    ("0o14", 12),
    ("0o8", "0o8"),
    ("0x1F", 31),
    ("-0x1F", "-0x1F"),
    ("0b11", "0b11"),
    ("1_000", "1_000"),
    ("1e3", 1000.0),
    ("1e-3", 0.001),
    ("1.5E+3", 1500.0),
    (".5", 0.5),
    ("5.", 5.0),
    ("-.5", -0.5),
    (".", "."),
    ("1.2.3", "1.2.3"),
    ("12:30:45", "12:30:45"),
    ("2020-01-01", "2020-01-01"),
    ("3x3", "3x3"),
    ("+", "+"),
    ("=", "="),
    ("١٢", "١٢"),  # Arabic digits: int() would read them
    ("9007199254740992", 2**53),
]


@pytest.mark.parametrize(("text", "value"), CORE)
def test_core_schema(text: str, value: object) -> None:
    found = resolve_plain(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (".nan", "number-not-finite"),
        (".inf", "number-not-finite"),
        ("-.INF", "number-not-finite"),
        ("1e999", "number-not-finite"),
        ("-1e999", "number-not-finite"),
        ("9007199254740993", "number-too-large"),
        ("-9007199254740993", "number-too-large"),
        ("0xFFFFFFFFFFFFFFFF", "number-too-large"),
        ("1" * 5000, "number-too-large"),
        ("0." + "1" * 100, "number-too-large"),
    ],
)
def test_numbers_that_no_spec_can_use(text: str, rule: str) -> None:
    found = resolve_plain(text)
    assert isinstance(found, Problem)
    assert found.rule == rule
    assert len(found.message) < 120


def test_quoted_scalars_are_text() -> None:
    findings = Findings()
    root = parse(Source("s", "a: '1'\nb: \"true\"\nc: |\n  1\nd: ''\n"), findings)
    assert root is not None
    assert plain(root) == {"a": "1", "b": "true", "c": "1\n", "d": ""}
    assert all(isinstance(e.value, Scalar) and e.value.quoted for e in root)


@pytest.mark.parametrize(
    ("text", "value"),
    [("!!str 5", "5"), ("!!int '5'", 5), ("!!float 5", 5.0), ("!!bool 'true'", True),
     ("!!null ''", None), ("!!seq [1]", [1]), ("!!map {a: 1}", {"a": 1})],
)  # fmt: skip
def test_tags_of_json_types_are_obeyed(text: str, value: object) -> None:
    findings = Findings()
    root = parse(Source("s", f"a: {text}\n"), findings)
    assert isinstance(root, Mapping) and not list(findings)
    assert plain(root) == {"a": value}
    assert type(plain(root)["a"]) is type(value)  # type: ignore[call-overload,index]
