"""The largest and the most wrong specs are understood or refused within bounds."""

from __future__ import annotations

import time

import pytest

from modelforge.document import parse
from modelforge.findings import Finding, Findings, Source
from modelforge.findings.text import render
from modelforge.graph import understand

MOST = 20  # seconds: a bound on hangs, not a measure; benchmarks/bounds.py measures
INPUT = "model:\n  inputs: {x: {shape: [8]}}\n  layers:\n"


def found(text: str) -> list[Finding]:
    findings = Findings()
    begin = time.process_time()
    root = parse(Source("s.yaml", text), findings)
    if root is not None:
        understand(root, (), findings)
    render(findings)
    assert time.process_time() - begin < MOST
    return list(findings)


def test_ten_thousand_names_of_nothing() -> None:
    items = (f"    - Dense: 8\n      name: layer_{n}\n      from: layr_{n}\n" for n in range(9000))
    findings = found(INPUT + "".join(items))
    assert {finding.rule for finding in findings} == {"unknown-source"}
    assert len(findings) == 50
    assert findings[0].hint == "did you mean `layer_0`?"


def test_ten_thousand_names_of_nothing_in_a_block() -> None:
    items = (f"      - Dense: 8\n        from: layr_{n}\n" for n in range(4000))
    findings = found("blocks:\n  b:\n    layers:\n" + "".join(items) + INPUT + "    - b\n")
    assert {finding.rule for finding in findings} == {"unknown-source"}


# A key of more than 1,024 letters is none in YAML.
@pytest.mark.parametrize(("letters", "rule"), [(1_000, "unknown-variable"), (200_000, "long-key")])
def test_names_of_many_letters(letters: int, rule: str) -> None:
    long, other = "ab" * (letters // 2), "ba" * (letters // 2)
    findings = found(f"vars: {{{long}: 1}}\n{INPUT}    - Dense: ${{{other}}}\n")
    assert {finding.rule for finding in findings} == {rule}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (INPUT + "    - ReLU\n" * 95_000, "too-many-layers"),
        (
            INPUT + "    - model: {layers: [" + ", ".join(["ReLU"] * 13_000) + "]}\n",
            "too-many-layers",
        ),
        (INPUT + "    - Dense: 8\n      repeat: 9000\n", "out-of-range"),
    ],
    ids=["plain", "nested", "repeated"],
)
def test_more_layers_than_there_can_be(text: str, rule: str) -> None:
    assert [finding.rule for finding in found(text)] == [rule]


def test_defaults_count_towards_the_values() -> None:
    some = ", ".join(
        f"{key}_constraint: {{MaxNorm: {{max_value: 2}}}}" for key in ("kernel", "bias")
    )
    text = f"model:\n  inputs: {{x: {{shape: [8]}}}}\n  defaults: {{Dense: {{{some}}}}}\n"
    assert found(f"{text}  layers: [{{Dense: 8, repeat: 3000}}]\n") == []
    findings = found(f"{text}  layers: [{{Dense: 8, repeat: 4900}}]\n")
    assert [finding.rule for finding in findings] == ["too-many-layers"]


def test_what_expressions_look_at() -> None:
    text = "vars: {l: [" + ", ".join(["1"] * 5_000) + f"]}}\n{INPUT}"
    findings = found(text + "    - Dense: ${sum(l)}\n      repeat: 1000\n")
    assert {finding.rule for finding in findings} == {"expression"}
    assert "look at more than 300000 values" in findings[0].message
