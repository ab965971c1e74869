"""Wiring: what layers are called on, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from modelforge.catalog import Catalog
from modelforge.document import Mapping
from modelforge.findings import Finding, Findings
from modelforge.graph import Graph
from modelforge.graph.load import wire_spec
from modelforge.schema import check
from modelforge.spec import read_spec

Read = Callable[[str], Mapping]


@pytest.fixture
def wired(document: Read, catalog: Catalog) -> Callable[[str], tuple[Graph | None, list[Finding]]]:
    def wire_text(text: str) -> tuple[Graph | None, list[Finding]]:
        findings = Findings()
        root = document(text)
        assert check(root, catalog, findings), list(findings)
        return wire_spec(read_spec(root, catalog), catalog, findings), list(findings)

    return wire_text


Wired = Callable[[str], tuple[Graph | None, list[Finding]]]


def test_a_sequence(wired: Wired) -> None:
    graph, findings = wired("model: {layers: [Flatten, Dense: 3, Dense: 3, BatchNormalization]}")
    assert findings == []
    assert graph is not None
    assert [node.name for node in graph.nodes] == [
        "flatten",
        "dense",
        "dense_1",
        "batch_normalization",
    ]
    assert [dict(node.sources) for node in graph.nodes] == [
        {"": "input"},
        {"": "flatten"},
        {"": "dense"},
        {"": "dense_1"},
    ]
    assert graph.outputs == ("batch_normalization",)


def test_generated_names_keep_clear_of_given_ones(wired: Wired) -> None:
    graph, _ = wired("model: {layers: [{Dense: 3}, {Dense: 3, name: dense}]}")
    assert graph is not None
    assert [node.name for node in graph.nodes] == ["dense_1", "dense"]


def test_names_as_in_keras(wired: Wired) -> None:
    graph, _ = wired("model: {layers: [{Dense: {units: 3, name: inside}}]}")
    assert graph is not None
    assert graph.nodes[0].name == "inside"
    assert "name" not in graph.nodes[0].object.arguments


BRANCHES = """
model:
  inputs: {image: {shape: [8, 8, 1]}, age: {shape: [1]}}
  layers:
    - Flatten:
      from: image
    - Concatenate:
      from: [flatten, age]
    - Dense: 10
      name: digit
    - Dense: 1
      name: even
      from: concatenate
  outputs: [digit, even]
train:
  loss: {digit: SparseCategoricalCrossentropy, even: BinaryCrossentropy}
"""


def test_inputs_branches_and_outputs(wired: Wired) -> None:
    graph, findings = wired(BRANCHES)
    assert findings == []
    assert graph is not None
    assert [item.name for item in graph.inputs or ()] == ["image", "age"]
    assert dict(graph.node("concatenate").sources) == {"": ("flatten", "age")}
    assert graph.outputs == ("digit", "even")


def test_call_arguments_by_name_and_in_order(wired: Wired) -> None:
    text = """
model:
  layers:
    - Dense: 8
      name: a
    - Dense: 8
      name: b
    - MultiHeadAttention: {num_heads: 2, key_dim: 4}
      name: named
      from: {query: b, value: a}
      call: {use_causal_mask: true}
    - MultiHeadAttention: {num_heads: 2, key_dim: 4}
      from: [named, a]
"""
    graph, findings = wired(text)
    assert findings == []
    assert graph is not None
    assert dict(graph.node("named").sources) == {"query": "b", "value": "a"}
    assert dict(graph.node("named").call) == {"use_causal_mask": True}
    assert dict(graph.node("multi_head_attention").sources) == {"query": "named", "value": "a"}


def test_a_layer_may_stand_above_what_it_is_called_on(wired: Wired) -> None:
    text = """
model:
  layers:
    - Dense: 2
      name: late
      from: early
    - Dense: 3
      name: early
      from: input
  outputs: [late]
"""
    graph, findings = wired(text)
    assert findings == []
    assert graph is not None
    assert [node.name for node in graph.nodes] == ["early", "late"]


# The line to blame ends with the rule.
WRONG = [
    """
    - Dense: 3
      from: nowhere        # unknown-source
    """,
    """
    - Dense: 3             # cycle
      name: a
      from: b
    - Dense: 3
      name: b
      from: a
    """,
    """
    - Dense: 3
      name: a
    - Dense: 3             # unused-layer
      name: b
      from: a
    - Dense: 3
      from: a
    """,
    """
    - Dense: 3
      name: same
    - Dense: 3
      name: Same           # duplicate-name
    """,
    """
    - Dense: 3
      name: a/b            # unsafe-name
    """,
    """
    - Dense: 3
    - Add:                 # nothing-to-merge
    """,
    """
    - Dense: 3
    - Dense: 3
      from: [input, dense] # too-many-sources
    """,
    """
    - MultiHeadAttention: {num_heads: 2, key_dim: 4}
      from: {qurey: input, value: input} # unknown-call-argument
    """,
    """
    - Dense: 3
      call: {mask: true}   # unknown-call-argument
    """,
]


@pytest.mark.parametrize("layers", WRONG)
def test_wrong_wiring(layers: str, wired: Wired) -> None:
    text = "model:\n  layers:" + layers
    graph, findings = wired(text)
    assert graph is None
    marks = [
        (number, line.split("# ")[1].strip())
        for number, line in enumerate(text.splitlines(), 1)
        if "# " in line
    ]
    assert [(f.span.line if f.span else 0, f.rule) for f in findings] == marks


def test_a_cycle_names_its_chain(wired: Wired) -> None:
    _, findings = wired("model:\n  layers:" + WRONG[1])
    assert findings[0].message == "these layers are called on each other: a -> b -> a"


TARGETS = [
    ("loss: {digit: Huber}", "output-without-loss"),
    ("loss: {digit: Huber, even: Huber, odd: Huber}", "unknown-output"),
    ("loss: {digit: Huber, even: Huber}\n  metrics: {digits: [AUC]}", "unknown-output"),
    ("loss: {digit: Huber, even: Huber}\n  loss_weights: {evn: 1}", "unknown-output"),
]


@pytest.mark.parametrize(("train", "rule"), TARGETS)
def test_losses_fit_outputs(train: str, rule: str, wired: Wired) -> None:
    _, findings = wired(BRANCHES.split("train:")[0] + f"train:\n  {train}\n")
    assert [finding.rule for finding in findings] == [rule]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (("from: image", "call: {}"), "ambiguous-input"),
        (("outputs: [digit, even]", "outputs: [digit, evn]"), "unknown-output"),
        (("outputs: [digit, even]", "outputs: [digit, digit]"), "duplicate-output"),
    ],
)
def test_inputs_and_outputs(change: tuple[str, str], rule: str, wired: Wired) -> None:
    _, findings = wired(BRANCHES.split("train:")[0].replace(*change))
    assert findings[0].rule == rule


def test_an_unused_input(wired: Wired) -> None:
    text = "model: {inputs: {a: {shape: [1]}, b: {shape: [1]}}, layers: [{Dense: 1, from: a}]}"
    _, findings = wired(text)
    assert [(f.rule, f.message) for f in findings] == [
        ("unused-input", "no layer uses the input `b`")
    ]
