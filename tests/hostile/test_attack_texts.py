"""What attackers write where YAML, templates and expressions are read: nothing of it happens."""

from __future__ import annotations

import json
import os
import sys
import time

import pytest

from modelforge.document import parse, plain
from modelforge.findings import Finding, Findings, Source
from modelforge.graph import understand
from modelforge.resolve import resolve

TAGS = (
    *("!!python/object:os.system", "!!python/object/apply:os.system", "!!python/name:os.system"),
    *("!!python/module:antigravity", "!!python/object/new:os.system", "!!python/tuple"),
    *("!!binary", "!!set", "!!omap", "!!timestamp", "!include", "!<tag:example.org,2002:x>"),
)
DUPLICATES = (
    "{a: 1, a: 2}",
    '{a: 1, "a": 2}',
    "{1: 1, 1: 2}",
    "{a: 1, 'a': 1}",
    "{a: {b: 1, b: 2}}",
)
# Templates of other languages: text here, or an expression that there is not.
TEMPLATES = (
    *(
        "{0.__class__}",
        "{x:>300000000}",
        "%s%s%s",
        "%(x)s",
        "{{7*7}}",
        "{% import os %}",
        "<%= 1 %>",
    ),
    *(
        "#{7*7}",
        "$(id)",
        "`id`",
        "$HOME",
        "${HOME}",
        "${jndi:ldap://x/a}",
        "${env.NOT_SET_ANYWHERE}",
    ),
    *("${{7*7}}", "$${x}", "${x!r}", "${x:>300000000}", "${x.__class__}", "@{x}"),
)
EXPRESSIONS = (
    *("__import__('os')", "open('/etc/passwd')", "eval('1')", "exec('1')", "().__class__", "x.y.z"),
    *("[].__class__.__bases__", "x.__class__", "lambda: 1", "[i for i in [1]]", "{1: 2}", "x := 1"),
    *("9 ** 9 ** 9", "10 ** 400", "2 ** 63", "'a' * 10 ** 9", "[0] * 10 ** 9", "range(10 ** 9)"),
    *(
        "range(0, 10 ** 12, 1)",
        "1 / 0",
        "1 // 0",
        "1 % 0",
        "0.1 ** -400",
        "(-8) ** 0.5",
        "sqrt(-1)",
    ),
    *(
        "log(0)",
        "float('nan')",
        "float('inf')",
        "1e308 * 10",
        "int('9' * 5000)",
        "str([1] * 9999) * 99",
    ),
    *("(" * 40 + "1" + ")" * 40, "-" * 200 + "1", "1" + " + 1" * 200, "not " * 100 + "1", "max()"),
    *(
        "len(5)",
        "[1, 2][9]",
        "[1][-9]",
        "[1]['a']",
        "min('a', 1)",
        "'a' + 1",
        "1 if",
        "print(1)",
        "x",
    ),
    *(
        "sum([[1]])",
        "globals()",
        "round(1, 10 ** 9)",
        "data.__class__",
        "env.__dict__",
        "vars",
        "\x00",
    ),
)


def problems(text: str) -> tuple[object, list[Finding]]:
    findings = Findings()
    root = parse(Source("s.yaml", text), findings)
    if root is None:
        return None, list(findings)
    return plain(resolve(root, (), findings)), list(findings)


@pytest.mark.parametrize("tag", TAGS)
def test_tags(tag: str) -> None:
    before = set(sys.modules)
    _, findings = problems(f"model:\n  layers:\n    - {tag} [x]\n")
    assert findings and findings[0].rule == "tag"
    assert findings[0].span is not None and findings[0].span.line == 3
    assert "antigravity" not in set(sys.modules) - before


@pytest.mark.parametrize("text", DUPLICATES)
def test_duplicate_keys(text: str) -> None:
    _, findings = problems(f"v: {text}\n")
    assert findings and findings[0].span is not None
    assert findings[0].rule in ("duplicate-key", "key-not-text")


@pytest.mark.parametrize("depth", [65, 1_000, 100_000, 1_000_000])
@pytest.mark.parametrize("opener", ["[", "{a: ", "- "])
def test_depth(opener: str, depth: int) -> None:
    begin = time.process_time()
    _, findings = problems("v: " + opener * depth)
    assert findings and findings[0].span is not None
    assert time.process_time() - begin < 20


def test_there_are_as_many_as_were_meant() -> None:
    assert (len(TAGS), len(DUPLICATES), len(TEMPLATES)) == (12, 5, 20)
    assert len(EXPRESSIONS) >= 40


@pytest.mark.parametrize("payload", TEMPLATES)
def test_templates_of_others(payload: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET_ANYWHERE", raising=False)
    value, findings = problems(f"vars: {{x: 7}}\ndescription: {json.dumps(payload)}\n")
    if not [finding for finding in findings if finding.severity == "error"]:
        assert isinstance(value, dict)
        assert value["description"] == payload.replace("$${", "${")
    assert all(finding.span is not None for finding in findings)
    assert "49" not in str(value) and os.path.expanduser("~") not in str(value)


@pytest.mark.parametrize("payload", EXPRESSIONS, ids=lambda payload: payload[:30])
def test_expressions(payload: str) -> None:
    begin = time.process_time()
    value, findings = problems(f"description: {json.dumps('${' + payload + '}')}\n")
    errors = [finding for finding in findings if finding.severity == "error"]
    assert errors or len(str(value)) < 20_000
    assert all(finding.span is not None for finding in findings)
    assert time.process_time() - begin < 20
    if errors:
        assert understand_is_none(payload)


def understand_is_none(payload: str) -> bool:
    """Also where it stands for an argument."""
    text = json.dumps("${" + payload + "}")
    findings = Findings()
    root = parse(Source("s.yaml", f"model: {{layers: [Dense: {text}]}}\n"), findings)
    return root is None or understand(root, (), findings) is None
