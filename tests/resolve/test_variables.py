"""`vars` and `${...}`: values, types, origins, and what waits for the data."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelforge.document import Mapping, Scalar, at, parse, plain
from modelforge.findings import Findings, Source
from modelforge.findings.text import render
from modelforge.resolve import Waiting, resolve


def resolved(text: str, **facts: Any) -> Mapping:
    """A spec without trouble, resolved."""
    findings = Findings()
    root = parse(Source("s.yaml", text), findings)
    assert root is not None
    found = resolve(root, (), findings, facts or None)
    assert not findings.items, render(findings)
    return found


def errors(text: str, **facts: Any) -> list[str]:
    """`line:column rule` of every error."""
    findings = Findings()
    root = parse(Source("s.yaml", text), findings)
    assert root is not None
    resolve(root, (), findings, facts or None)
    return [f"{f.span.line}:{f.span.column} {f.rule}" for f in findings if f.span]


def test_a_whole_scalar_keeps_its_type() -> None:
    text = (
        "vars: {a: 8, b: {x: [1]}, c: no, d: ~}\nv: ['${a}', '${vars.a}', '${b}', '${c}', '${d}']"
    )
    assert plain(resolved(text)) == {"v": [8, 8, {"x": [1]}, "no", None]}


def test_an_embedded_expression_becomes_text() -> None:
    text = 'vars: {a: 8, b: 0.5, c: true}\nv: "n${a}-${b}-${c}-${a * 2}"\nw: "${a} "\n'
    assert plain(resolved(text)) == {"v": "n8-0.5-true-16", "w": "8 "}


def test_a_doubled_dollar_is_literal() -> None:
    text = "vars: {a: 8}\nv: '$${a} ${a} $$ $ {a} $$${a}'\nw: '$${a}'\n"
    assert plain(resolved(text)) == {"v": "${a} 8 $$ $ {a} $${a}", "w": "${a}"}


def test_a_brace_in_a_text_does_not_end_an_expression() -> None:
    assert plain(resolved("""v: ${'}' + "{"}\n""")) == {"v": "}{"}


def test_variables_use_each_other_in_any_order() -> None:
    text = "vars: {a: '${b + 1}', b: \"${c[0]['x'] * 2}\", c: [{x: 5}]}\nv: ${a}\n"
    assert plain(resolved(text)) == {"v": 11}


def test_a_part_of_a_variable() -> None:
    text = "vars: {o: {adam: {rate: 0.1}}, n: [[1, 2], [3]]}\nv: ['${o.adam.rate}', '${n[0][1]}']\n"
    assert plain(resolved(text)) == {"v": [0.1, 2]}


def test_the_environment_is_read_as_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MF_N", "012")
    monkeypatch.setenv("MF_T", "no: [x")
    text = "v: ['${env.MF_N + 1}', '${env.MF_T}']\n"
    assert plain(resolved(text)) == {"v": [13, "no: [x"]}


def test_place_of_use_and_place_of_origin() -> None:
    root = resolved("vars:\n  a: 8\n  m: {k: 1}\nv: ${a}\nw: ${a + 1}\nx: ${m}\n")
    for key, line in (("v", 4), ("w", 5)):
        node = root.get(key)
        assert isinstance(node, Scalar) and node.origin is not None
        assert (node.span.line, node.origin.line, node.origin.column) == (line, 2, 6)
    inner = at(root, ("x", "k"))
    assert inner is not None and inner.span.line == 3
    assert root.get("x").span.line == 6  # type: ignore[union-attr]


def test_what_has_nothing_to_compute_is_not_copied() -> None:
    findings = Findings()
    root = parse(Source("s", "a: [1, {b: c}]\nd: '${1}'\n"), findings)
    assert root is not None
    assert resolve(root, (), findings).get("a") is root.get("a")


def test_facts_wait_until_the_data_is_opened() -> None:
    text = 'vars: {k: 2, n: "${data.classes * k}"}\nv: ${n + 1}\nw: ${n}\nx: "a ${k} ${n} $${k}"\n'
    waiting = resolved(text)
    assert plain(waiting) == {
        "v": "${(data.classes * 2) + 1}",
        "w": "${data.classes * 2}",
        "x": "a 2 ${data.classes * 2} $${k}",
    }
    assert all(isinstance(entry.value, Waiting) for entry in waiting)
    assert plain(resolved(text, classes=5)) == {"v": 11, "w": 10, "x": "a 2 10 ${k}"}


def test_what_waits_gives_the_same_when_it_is_resolved_again() -> None:
    text = 'vars: {k: [1, "${data.classes}"]}\nv: ${k[1] ** 2}\nw: ${len(k)}\nx: ${data.shape}\n'
    facts = {"classes": 3, "shape": [8, 8]}
    again = resolve(resolved(text), (), Findings(), facts)
    assert plain(again) == plain(resolved(text, **facts)) == {"v": 9, "w": 2, "x": [8, 8]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v: ${widht}\nvars: {width: 1}\n", ["1:6 unknown-variable"]),
        ("v: 'ab ${x} c ${1 +} d'\n", ["1:10 unknown-variable", "1:20 expression"]),
        ('v: "é😀 ${x}"\n', ["1:10 unknown-variable"]),
        ("v: |\n  one\n  two ${x}\n", ["3:9 unknown-variable"]),
        ("v: >\n  one ${1 +\n  2 / 0}\n", ["1:4 expression"]),
        ('v: "${max(\\"a\\", 1)}"\n', ["1:4 expression"]),
        ("v: '${x} ${x}'\n", ["1:7 unknown-variable", "1:12 unknown-variable"]),
        ("v: ${data.clases}\n", ["1:6 unknown-fact"]),
        ("v: ${env.MF_NOWHERE}\n", ["1:6 environment"]),
        ("v: ${a\n", ["1:4 expression"]),
        ("vars: {a: '${a}'}\nv: ${a}\n", ["1:8 variable-cycle"]),
        ("vars: {a: '${b}', b: '${a}', c: '${b}'}\nv: ${c}\n", ["1:8 variable-cycle"]),
        ("vars: {a: '${1/0}'}\nv: ${a}\nw: ${a + 1}\n", ["1:15 expression"]),
        ("vars: {o: {rate: 1}}\nv: ${o.rat}\n", ["2:6 unknown-variable"]),
        ("vars: 3\n", ["1:1 variables"]),
        ("vars: {if: 1}\n", ["1:8 variable-name"]),
        ("${a}: 1\n", ["1:1 computed-key"]),
        ("vars: {m: {k: 1}}\nv: x${m}\n", ["2:7 expression"]),
        ("vars: {m: {k: 1}}\nv: ${m['k'] + data.size}\n", ["2:6 expression"]),
    ],
)
def test_troubles(text: str, expected: list[str]) -> None:
    assert errors(text) == expected


def test_a_fact_that_this_data_lacks() -> None:
    assert errors("v: ${data.classes}\n", size=3) == ["1:6 expression"]


def test_an_unused_variable_is_a_warning_once() -> None:
    findings = Findings()
    root = parse(Source("s.yaml", "vars: {a: 1, b: 2}\nv: ${a}\n"), findings)
    assert root is not None
    for facts in (None, {"classes": 3}):
        resolve(root, (), findings, facts)
    assert render(findings) == (
        "s.yaml:1:14: warning[unused-variable]: the variable `b` is never used\n"
        "   1 | vars: {a: 1, b: 2}\n"
        "     |              ^ use it as `${b}`, or delete it\n"
    )


def test_growth_is_bounded() -> None:
    bomb = "vars:\n  a0: [1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
        "  a{}: [{}]\n".format(n, ", ".join([f"'${{a{n - 1}}}'"] * 8)) for n in range(1, 9)
    )
    assert "expressions bring more than" in _text(bomb + "v: ${a8}\n")
    deep = "vars:\n  a0: [1]\n" + "".join(
        f"  a{n}: [[[[[['${{a{n - 1}}}']]]]]]\n" for n in range(1, 20)
    )
    assert "nested more than 64 levels" in _text(deep + "v: ${a19}\n")


def test_long_chains_and_many_circles() -> None:
    chain = "vars:\n" + "".join(f"  a{n}: ${{a{n + 1}}}\n" for n in range(5_000)) + "  a5000: 1\n"
    assert plain(resolved(chain + "v: ${a0}\n")) == {"v": 1}
    circles = "vars:\n" + "".join(f"  a{n}: ${{a{n}}}\n" for n in range(5_000))
    assert 0 < len(errors(circles)) <= 100


def _text(text: str) -> str:
    findings = Findings()
    root = parse(Source("s.yaml", text), findings)
    assert root is not None
    resolve(root, (), findings)
    return render(findings)


PIECES = st.lists(
    st.sampled_from(
        ["${", "}", "a", "b", "data.classes", " + ", "'", "1", "[", "]", "$", " ", "(", ")"]
    ),
    max_size=12,
).map("".join)


@given(PIECES, PIECES)
def test_anything_is_resolved_or_refused_with_a_place(first: str, second: str) -> None:
    span = parse(Source("s", "a: 1"), Findings()).span  # type: ignore[union-attr]
    source = Source("s", "vars:\n  a: |-\n    " + first + "\n  b: 1\nv: |-\n  " + second + "\n")
    findings = Findings()
    root = parse(source, findings)
    if root is None:
        return
    found = resolve(root, (), findings)
    assert "vars" not in found.entries
    assert all(finding.span is not None for finding in findings)
    assert span is not None
