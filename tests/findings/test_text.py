"""What a user reads of a finding on a terminal."""

from __future__ import annotations

import json

from modelforge.findings import Finding, Findings, Related, Source, Span
from modelforge.findings.json import as_dict
from modelforge.findings.json import render as render_json
from modelforge.findings.text import render, render_one, summary

SOURCE = Source("s.yaml", "a: 1\n\tb: {wert: 宽度, x: 2}\n")


def test_excerpt_caret_hint_notes_and_related() -> None:
    finding = Finding(
        "duplicate-key",
        "the key `b` is given twice",
        Span(SOURCE, 2, 2, 2, 3),
        hint="delete one",
        notes=("keys are unique",),
        related=(Related(Span(SOURCE, 1, 1, 1, 2), "it is first given"),),
    )
    assert render_one(finding) == (
        "s.yaml:2:2: error[duplicate-key]: the key `b` is given twice\n"
        "   2 | \tb: {wert: 宽度, x: 2}\n"
        "     | \t^ delete one\n"
        "  note: keys are unique\n"
        "  note: it is first given at s.yaml:1:1\n"
        "   1 | a: 1\n"
        "     | ^\n"
    )


def test_carets_stand_below_wide_characters() -> None:
    wide = render_one(Finding("r", "m", Span(SOURCE, 2, 12, 2, 14)))
    assert wide.splitlines()[2] == "     | \t          ^^^^"
    after = render_one(Finding("r", "m", Span(SOURCE, 2, 16, 2, 17)))
    assert after.splitlines()[2] == "     | \t                ^"


def test_control_characters_do_not_reach_the_terminal() -> None:
    source = Source("s\x1b.yaml", "a: \x1b[2J\u202e\n")
    text = render_one(Finding("r", "found `\x1b`", Span(source, 1, 4, 1, 5), hint="\x07"))
    assert text == (
        "s\ufffd.yaml:1:4: error[r]: found `\ufffd`\n"
        "   1 | a: \ufffd[2J\ufffd\n"
        "     |    ^ \ufffd\n"
    )


def test_a_long_line_is_cut_around_the_place() -> None:
    source = Source("s", "x" * 500 + "HERE" + "y" * 500)
    lines = render_one(Finding("r", "m", Span(source, 1, 501, 1, 505))).splitlines()
    at = lines[2].index("^")
    assert lines[1][at : at + 4] == "HERE" and lines[2][at:] == "^^^^"
    assert len(lines[1]) < 140 and "..." in lines[1]


def test_several_lines_show_the_first() -> None:
    lines = render_one(Finding("r", "m", Span(SOURCE, 1, 1, 2, 5))).splitlines()
    assert lines[1:] == ["   1 | a: 1", "     | ^^^^"]


def test_without_a_place() -> None:
    assert render_one(Finding("no-file", "there is no file", hint="did you mean `a`?")) == (
        "error[no-file]: there is no file\n  did you mean `a`?\n"
    )


def test_order_counts_and_colour() -> None:
    findings = Findings()
    findings.warning("b", "second", Span(SOURCE, 2, 2, 2, 3))
    findings.error("a", "first", Span(SOURCE, 1, 1, 1, 2))
    assert [f.message for f in findings] == ["first", "second"]
    assert summary(findings) == "1 error, 1 warning"
    assert summary([]) == "nothing to report"
    assert "\x1b[" not in render(findings) and "\x1b[1;31m" in render(findings, color=True)


def test_json() -> None:
    finding = Finding("a", "é", Span(SOURCE, 1, 1, 1, 2), notes=("n",))
    text = render_json([finding, Finding("b", "no place")])
    assert "é" in text
    document = json.loads(text)
    assert document["findings"][0]["where"] == {
        "file": "s.yaml", "line": 1, "column": 1, "end_line": 1, "end_column": 2,
    }  # fmt: skip
    assert document["findings"][1]["where"] is None


def test_a_place_in_an_extended_file_names_who_extends_it() -> None:
    spec = Source("spec.yaml", "extends: base.yaml\n")
    base = Source("base.yaml", "name: 3\n", Span(spec, 1, 10, 1, 19))
    finding = Finding("wrong-type", "no name", Span(base, 1, 7, 1, 8))
    assert render([finding]) == (
        "base.yaml:1:7: error[wrong-type]: no name\n"
        "   1 | name: 3\n"
        "     |       ^\n"
        "  note: `base.yaml` is extended at spec.yaml:1:10\n"
        "   1 | extends: base.yaml\n"
        "     |          ^^^^^^^^^\n"
    )
    (related,) = as_dict(finding)["related"]
    assert related["where"]["file"] == "spec.yaml"
