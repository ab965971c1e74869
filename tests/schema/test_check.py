"""Violations of the language come out as findings at the right place, with the right advice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from modelforge.catalog import Catalog
from modelforge.document import Mapping
from modelforge.findings import Finding, Findings
from modelforge.schema import check

Read = Callable[[str], Mapping]


def findings_of(text: str, document: Read, catalog: Catalog) -> list[Finding]:
    findings = Findings()
    valid = check(document(text), catalog, findings)
    assert valid == (not findings.errors)
    return list(findings)


def layer(text: str) -> str:
    return f"model:\n  layers:\n    - {text}\n"


# The word or value to blame stands between guillemets.
LAYERS = [
    ("Conv2D: {«filtres»: 3, kernel_size: 3}", "unknown-argument", "did you mean `filters`?"),
    ("«Conv2d»: {filters: 3, kernel_size: 3}", "unknown-layer", "did you mean `Conv2D`?"),
    ("«Flaten»", "unknown-layer", "did you mean `Flatten`?"),
    ("«Conv2D»", "missing-argument", ""),
    ("«Conv2D»:", "missing-argument", ""),
    ("«Dense»: {activation: relu}", "missing-argument", ""),
    ("Dense: «abc»", "wrong-type", ""),
    ("Dense: {units: «1_000»}", "wrong-type", "write `1000`"),
    ('Dense: {units: «"12"»}', "wrong-type", "leave out the quotes"),
    ("Dense: {units: 3, use_bias: «no»}", "wrong-type", "YAML 1.2 writes `false`"),
    ("Dense: {units: 3, activation: «rellu»}", "unknown-activation", "did you mean `relu`?"),
    ("Dense: {units: «1.5»}", "wrong-type", ""),
    ("Dense: {units: «0»}", "out-of-range", ""),
    ("Dropout: «1.5»", "out-of-range", ""),
    (
        "Dense: {units: 3, kernel_initializer: {«HeNormall»: 3}}",
        "unknown-initializer",
        "did you mean `HeNormal`?",
    ),
    (
        "Conv2D: {filters: 3, kernel_size: 3, padding: «sme»}",
        "wrong-value",
        "did you mean `same`?",
    ),
    ("Conv2D: {filters: 3, kernel_size: 3, strides: «[1, 2, 3]»}", "wrong-length", ""),
    ("Bidirectional: {«LSTM»: 64}", "unknown-argument", "write `layer: {LSTM: ...}`"),
    ("Bidirectional: {layer: {«LSTMM»: 64}}", "unknown-layer", "did you mean `LSTM`?"),
    (
        "Dense: {units: 3, kernel_regularizer: {L2: 0.1, «L1»: 0.1}}",
        "several-words",
        "indent it under `L2`, or leave it out",
    ),
    ("«Lambda»: {function: x}", "refused-word", ""),
    ("«5»", "wrong-type", ""),
    ("«{name: foo}»", "no-layer", ""),
    (
        "{Dense: 3, «Flatten»: null}",
        "several-layers",
        "one layer an item: begin a new one with `- `",
    ),
    (
        "{Dense: {units: 3, name: a}, «name»: b}",
        "name-twice",
        "keep one of them",
    ),
]


@pytest.mark.parametrize(("text", "rule", "hint"), LAYERS, ids=[text for text, *_ in LAYERS])
def test_layers(text: str, rule: str, hint: str, document: Read, catalog: Catalog) -> None:
    start, end = text.index("«"), text.index("»") - 1
    found = findings_of(layer(text.replace("«", "").replace("»", "")), document, catalog)
    assert [finding.rule for finding in found] == [rule]
    span = found[0].span
    assert span is not None
    assert (span.line, span.column) == (3, 7 + start)
    assert (span.end_line, span.end_column) == (3, 7 + end)
    assert found[0].hint == hint


VALID = [
    "Flatten",
    "Flatten:",
    "{Flatten: , name: flat}",
    "Dense: 64",
    "Dense: 64.0",
    "Dense: {units: 64, activation: relu, kernel_initializer: he_normal}",
    "Dense: {units: 64, kernel_initializer: HeNormal, kernel_regularizer: {L2: 1e-4}}",
    "Dense: {units: '${data.classes}'}",
    "Convolution2D: {filters: 3, kernel_size: [3, 3], padding: SAME}",
    "Dropout: 0.5",
    "Reshape: [2, 3]",
    "Concatenate: {axis: -1}",
    "Bidirectional: {layer: {LSTM: 64}}",
    "TimeDistributed: {layer: Flatten}",
    "Activation: relu",
    "EfficientNetV2B0: {weights: null, include_top: false, pooling: avg}",
    "{Add: , from: [a, b]}",
    "{MultiHeadAttention: {num_heads: 2, key_dim: 8}, from: {query: a, value: b}}",
]


@pytest.mark.parametrize("text", VALID)
def test_valid_layers(text: str, document: Read, catalog: Catalog) -> None:
    assert findings_of(layer(text), document, catalog) == []


SECTIONS = [
    ("train: {}", "missing-key"),
    ("train: {loss: {Hubr: {delta: 1}}}", "unknown-loss"),
    ("train: {loss: {a: Huber, b: {Hubr: 1}}}", "unknown-loss"),
    ("train: {loss: Huber, epochs: 0}", "out-of-range"),
    ("train: {loss: Huber, metrics: accuracy}", "wrong-type"),
    ("train: {loss: Huber, metrics: [accurcy]}", "unknown-metric"),
    ("train: {loss: Huber, precision: float12}", "wrong-value"),
    ("train: {loss: Huber, optimizer: {Adam: {learnin_rate: 1}}}", "unknown-argument"),
    ("train: {loss: Huber, callbacks: [{EarlyStopping: {patience: soon}}]}", "wrong-type"),
    ("data: {train: Digits, validation: 1.5}", "out-of-range"),
    ("data: {train: Digits, validation: 0}", "out-of-range"),
    ("data: {train: Digitz}", "unknown-source"),
    ("data: {train: Digits, batch_size: some}", "wrong-type"),
    ("data: {}", "missing-key"),
    ("exports: [SavedModel]", "unknown-key"),
    ("export: [Savedmodel]", "unknown-export"),
    ("modelforge: 2", "out-of-range"),
    ("name: a b", "wrong-type"),
]


@pytest.mark.parametrize(("text", "rule"), SECTIONS, ids=[text for text, _ in SECTIONS])
def test_sections(text: str, rule: str, document: Read, catalog: Catalog) -> None:
    found = findings_of(f"model: {{layers: [Flatten]}}\n{text}\n", document, catalog)
    assert [finding.rule for finding in found] == [rule]
    assert found[0].span is not None
    assert found[0].span.line == 2


def test_everything_is_reported_at_once(document: Read, catalog: Catalog) -> None:
    layers = "    - Dens: 3\n    - Dense: {unit: 3}\n"
    text = f"modle: 3\nmodel:\n  layers:\n{layers}train: {{epochs: x}}\n"
    found = findings_of(text, document, catalog)
    assert [(finding.rule, finding.span.line if finding.span else 0) for finding in found] == [
        ("unknown-key", 1),
        ("unknown-layer", 4),
        ("unknown-argument", 5),
        ("missing-key", 6),
        ("wrong-type", 6),
    ]


def test_a_misspelt_argument_is_not_also_missing(document: Read, catalog: Catalog) -> None:
    found = findings_of(layer("Conv2D: {filtrs: 3, kernel_sise: 3}"), document, catalog)
    assert {finding.rule for finding in found} == {"unknown-argument"}


def test_a_long_value_does_not_make_a_long_message(document: Read, catalog: Catalog) -> None:
    (finding,) = findings_of(layer(f"Dense: {'x' * 5000}"), document, catalog)
    assert len(finding.message) < 200


def test_a_model_is_needed(document: Read, catalog: Catalog) -> None:
    (finding,) = findings_of("name: empty\n", document, catalog)
    assert finding.message == "the spec needs `model`"
