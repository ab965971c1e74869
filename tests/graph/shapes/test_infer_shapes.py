"""Shapes of a whole graph: what is known of each layer, and what is reported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from modelforge.catalog import Catalog, load_catalog
from modelforge.document import Mapping
from modelforge.findings import Finding, Findings
from modelforge.graph import Graph, load
from modelforge.graph.shapes import Known, Shape, infer
from modelforge.graph.shapes.table import RULES
from modelforge.graph.wire import wire
from modelforge.schema import check
from modelforge.spec import read_spec
from tests.graph.shapes.against_keras import MERGING

Read = Callable[[str], Mapping]
Ask = Callable[..., tuple[dict[str, Known], list[Finding]]]


@pytest.fixture
def ask(document: Read, catalog: Catalog) -> Ask:
    def infer_text(
        text: str, inputs: dict[str, Shape] | None = None
    ) -> tuple[dict[str, Known], list[Finding]]:
        findings = Findings()
        root = document(text)
        assert check(root, catalog, findings), list(findings)
        graph = wire(read_spec(root, catalog).model, catalog, findings)
        assert isinstance(graph, Graph), list(findings)
        return infer(graph, inputs, findings), list(findings)

    return infer_text


ALEXNET = """
model:
  inputs: {image: {shape: [227, 227, 3]}}
  layers:
    - Conv2D: {filters: 96, kernel_size: 11, strides: 4}
      name: conv
    - Flatten
    - Dense: 290400
      name: dense
      from: image_flat
    - Flatten:
      name: image_flat
      from: image
    - Concatenate:
      from: [flatten, dense]
"""


def test_alexnets_first_layer_and_the_same_as_dense(ask: Ask) -> None:
    known, findings = ask(ALEXNET)
    assert findings == []
    assert known["conv"] == Known(((None, 55, 55, 96),), 34_944, 0)
    assert known["dense"].shape == (None, 55 * 55 * 96)
    assert known["dense"].parameters == 154_587 * 290_400 + 290_400 == 44_892_355_200


def test_the_input_comes_from_the_data_where_none_is_declared(ask: Ask) -> None:
    text = "model: {layers: [Flatten, Dense: 10]}"
    known, _ = ask(text, {"pixels": (8, 8, 1)})
    assert known["flatten"].shape == (None, 64)
    assert known["dense"].parameters == 650
    for unsaid in (None, {"a": (3,), "b": (3,)}):
        known, findings = ask(text, unsaid)
        assert known == {"flatten": Known(), "dense": Known()}
        assert findings == []


def test_unknown_spreads_and_is_no_error(ask: Ask) -> None:
    text = """
model:
  inputs: {x: {shape: [4]}}
  layers: [{Dense: "${data.classes}"}, {Dense: 3}]
data: {train: Iris}
"""
    known, findings = ask(text)
    assert findings == []
    assert list(known.values()) == [Known(), Known()]


def test_a_layer_with_several_outputs(ask: Ask) -> None:
    text = """
model:
  inputs: {x: {shape: [7, 4]}}
  layers: [{LSTM: {units: 5, return_state: true}}]
"""
    known, _ = ask(text)
    assert known["lstm"].shapes == ((None, 5), (None, 5), (None, 5))
    assert known["lstm"].shape is None
    assert known["lstm"].parameters == 4 * 5 * (4 + 5 + 1)


def test_frozen_layers_and_other_weights(ask: Ask) -> None:
    text = """
model:
  inputs: {x: {shape: [4]}}
  layers:
    - Dense: {units: 2, trainable: false}
    - Dense: {units: 2, lora_rank: 1}
"""
    known, _ = ask(text)
    assert known["dense"] == Known(((None, 2),), 0, 10)
    assert known["dense_1"] == Known(((None, 2),), None, None)


def test_a_clash_stands_at_its_layer_and_is_told_once(ask: Ask) -> None:
    text = """
model:
  inputs: {x: {shape: [8]}}
  layers:
    - Dense: 32
      name: wide
    - Dense: 16
      name: narrow
      from: x
    - Add:
      name: sum
      from: [wide, narrow]
    - Dense: 10
"""
    known, (finding,) = ask(text)
    assert finding.rule == "shape-clash"
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == (10, 7)
    assert finding.message == (
        "the layer `sum` (Add) does not fit what it is called on: "
        "32 and 16 values cannot be matched"
    )
    assert finding.notes[:2] == (
        "input shape of `wide`: (None, 32)",
        "input shape of `narrow`: (None, 16)",
    )
    assert known["sum"] == known["dense"] == Known()


# What is reported, and the layer behind an input of shape [8, 8, 1].
CLASHES = {
    "Conv2D: {filters: 8, kernel_size: 9}": "a kernel over 9 x 9 does not fit into 8 x 8",
    "MaxPooling2D: {pool_size: 9}": "a window over 9 x 9 does not fit into 8 x 8",
    "Conv1D: {filters: 4, kernel_size: 3}": "it takes 3 axes (batch, length, channels), but "
    "the input has 4",
    "LSTM: 16": "it takes 3 axes (batch, steps, features), but the input has 4",
    "Reshape: [8, 9]": "64 values cannot be put into [8, 9], which has 72",
    "BatchNormalization: {axis: 5}": "the axis to normalize is axis 5, but the input has 4 axes",
    "Conv2D: {filters: 4, kernel_size: 3, data_format: channels_first, groups: 3}": None,
    "Conv2D: {filters: 3, kernel_size: 3, groups: 3}": "1 channel cannot be divided among 3",
    "GroupNormalization": "1 channel cannot be divided into 32 groups",
    "Cropping2D: 4": "nothing is left of 8 x 8 when 8 x 8 is cropped",
}


@pytest.mark.parametrize("layer", CLASHES)
def test_what_is_said_of_a_clash(ask: Ask, layer: str) -> None:
    text = f"model: {{inputs: {{x: {{shape: [8, 8, 1]}}}}, layers: [{{{layer}}}]}}"
    if ":" not in layer:
        text = text.replace(f"{{{layer}}}", layer)
    _, findings = ask(text)
    said = CLASHES[layer]
    assert [finding.rule for finding in findings] == ["shape-clash"] * (said is not None)
    if said is not None:
        assert said in findings[0].message
        assert "input shape: (None, 8, 8, 1)" in findings[0].notes


def test_every_rule_speaks_for_a_word_of_the_catalog() -> None:
    layers = load_catalog().words("layer")
    assert not RULES.keys() - layers.keys()
    assert not {name for name in MERGING if not layers[name].merges}


GALLERY = sorted((Path(__file__).parents[3] / "specs").glob("*.yaml"))


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_the_gallery_has_no_clashes(path: Path) -> None:
    findings = Findings()
    loaded = load(str(path), [], findings)
    assert loaded is not None
    infer(loaded.graph, None, findings)
    assert not findings.errors
