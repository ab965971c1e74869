"""Syntax errors in a user's words: the rule and the place, for PyYAML's both parsers."""

from __future__ import annotations

import pytest
import yaml

from modelforge.document import compose, parse
from modelforge.findings import Findings, Source

BROKEN = [
    ("a: [1, 2\nb: 3\n", "unclosed-bracket", (1, 4)),
    ("a: {x: 1, y: 2\nb: 3\n", "unclosed-bracket", (1, 4)),
    ("a: [1, 2\n", "unclosed-bracket", (1, 4)),
    ("a: [{x: 1, y: [2}]\n", "wrong-bracket", (1, 17)),
    ("a: {x: 1 y: 2}\n", "missing-comma", (1, 11)),
    (f"a: {{{'k' * 1100}: 2}}\n", "long-key", (1, 5)),
    (f"a: {{x: 1, '{'k' * 1100}': 2}}\n", "long-key", (1, 11)),
    (f"a:\n  {'k' * 1100}: 2\n", "long-key", (2, 3)),
    ("a: ['x' 'y']\n", "missing-comma", (1, 9)),
    ("a: [${b}]\n", "unquoted-expression", (1, 5)),
    ("a: 'abc\nb: 2\n", "unclosed-quote", (1, 4)),
    ("a:\n\tb: 1\n", "tab", (2, 1)),
    ("a:\n  b: 1\n \tc: 2\n", "tab", (3, 2)),
    ("a:1\nb: 2\n", "missing-space", (1, 2)),
    ("a: 1\nb:2\n", "missing-space", (2, 2)),
    ("a:1", "missing-space", (1, 2)),
    ("a:\n  units:64\n  rate: 1\n", "missing-space", (2, 8)),
    ("a: 1\nb\n", "missing-colon", (2, 1)),
    ("a: 1\n b: 2\n", "indentation", (2, 2)),
    ("a:\n    b: 1\n  c: 2\n", "indentation", (3, 3)),
    ("a:\n  - b: 1\n   c: 2\n", "indentation", (3, 4)),
    ("- a\nb: 1\n", "key-among-items", (2, 1)),
    ("a: 1\n- b\n", "item-among-keys", (2, 1)),
    ("a: b: c\n", "second-colon", (1, 5)),
    ("a: - b\n", "misplaced", (1, 4)),
    ("a: ? b\n", "misplaced", (1, 4)),
    ("a: @x\n", "unquoted-text", (1, 4)),
    ("a: %x\n", "unquoted-text", (1, 4)),
    ("a: *\n", "unquoted-text", (1, 4)),
    ("a: ]\n", "missing-value", (1, 4)),
    ("a: 'x' y\n", "text-after-value", (1, 8)),
    ("a: {b: 1} c: 2\n", "text-after-value", (1, 11)),
    ('a: "C:\\data"\n', "escape", (1, 7)),
    ('a: "\\U00110000"\n', "escape", (1, 5)),
    ("a: !x!y 1\n", "tag", (1, 4)),
    ("a: 1\n...\nb: 2\n", "text-after-end", (3, 1)),
    ("%YAML 2.0\n---\na: 1\n", "directive", (1, 1)),
    ("a: |x\n", "block-text", (1, 5)),
]


@pytest.mark.parametrize(("text", "rule", "place"), BROKEN)
def test_rule_and_place(text: str, rule: str, place: tuple[int, int]) -> None:
    findings = Findings()
    assert parse(Source("s", text), findings) is None
    assert [(f.rule, f.span and (f.span.line, f.span.column)) for f in findings] == [(rule, place)]


# Its own quirks: no place for a bad escape code, and no tabs anywhere between tokens.
DIFFERS = {'a: "\\U00110000"\n', 'a: "C:\\data"\n', "a: |x\n"}


@pytest.mark.parametrize(("text", "rule", "place"), [b for b in BROKEN if b[0] not in DIFFERS])
def test_the_pure_parser_too(
    text: str, rule: str, place: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compose, "_Loader", yaml.SafeLoader)
    test_rule_and_place(text, rule, place)


def test_findings_before_a_syntax_error_are_kept() -> None:
    findings = Findings()
    assert parse(Source("s", "a: 1\na: .nan\nb: [\n"), findings) is None
    assert {f.rule for f in findings} == {"duplicate-key", "number-not-finite", "unclosed-bracket"}


def test_what_could_not_be_read_passes_later_stages() -> None:
    from modelforge.document import Broken, plain

    findings = Findings()
    root = parse(Source("s", "a: .nan\nb: {x:64}\nc: {[k]: 1}\nd: *no\n"), findings)
    assert root is not None and len(findings) == 4
    assert plain(root) == {"a": "${...}", "b": {"x": 64}, "c": "${...}", "d": "${...}"}
    assert isinstance(root.get("a"), Broken)
