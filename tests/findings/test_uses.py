"""What is wrong in a text that is used many times is told once, with the first use."""

from __future__ import annotations

from modelforge.findings import Findings, Related, Source, Span
from modelforge.findings.json import as_dict
from modelforge.findings.text import render

SOURCE = Source("spec.yaml", "- Dense: 0\n- block: a\n- block: b\n")
WRONG = Span(SOURCE, 1, 10, 1, 11)


def use(line: int, label: str) -> tuple[Related, ...]:
    return (Related(Span(SOURCE, line, 3, line, 8), label),)


def test_the_first_use_counts() -> None:
    findings = Findings()
    findings.error("out-of-range", "0 is too small", WRONG.used(use(2, "used with x = 0")))
    findings.error("out-of-range", "-1 is too small", WRONG.used(use(3, "used with x = -1")))
    assert render(findings) == (
        "spec.yaml:1:10: error[out-of-range]: 0 is too small\n"
        "   1 | - Dense: 0\n"
        "     |          ^\n"
        "  note: used with x = 0 at spec.yaml:2:3\n"
        "   2 | - block: a\n"
        "     |   ^^^^^\n"
    )
    (finding,) = findings
    assert as_dict(finding)["related"][0]["label"] == "used with x = 0"


def test_other_rules_and_places_are_other_findings() -> None:
    findings = Findings()
    used = WRONG.used(use(2, "used"))
    findings.error("one", "a", used)
    findings.error("two", "a", used)
    findings.error("one", "a", used._replace(column=3))
    assert len(findings) == 3
