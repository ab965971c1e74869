"""Where a layer takes a layer, blocks and models expand as they do among the layers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelforge.document import parse, plain
from modelforge.findings import Findings, Source, Span
from modelforge.findings.text import render
from modelforge.graph import Graph, Loaded, load, understand
from modelforge.graph.graph import models_inside
from modelforge.graph.origin import origin
from modelforge.spec import Object

BLOCKS = """\
vars: {width: 4}
blocks:
  conv:
    params: {filters: , size: 3}
    layers:
      - Conv2D: {filters: "${filters}", kernel_size: "${size}"}
        name: conv
      - ReLU
  steps:
    params: {units: }
    inputs: [sequence]
    layers:
      - LSTM: "${units}"
        from: sequence
        name: cell
"""
CLIP = "model:\n  inputs: {clip: {shape: [5, 16, 16, 3]}}\n"
FRAMES = """\
  layers:
    - TimeDistributed:
        layer:
          model:
            layers:
              - conv: {filters: "${width * (i + 1)}"}
                repeat: 2
                name: stage
              - Flatten
              - Dense: "${width}"
                name: code
      name: frames
    - LSTM: 3
"""


def understood(text: str, *overrides: str) -> Loaded:
    findings = Findings()
    root = parse(Source("spec.yaml", text), findings)
    loaded = understand(root, overrides, findings) if root else None
    assert loaded is not None, render(findings)
    return loaded


def activation(name: str) -> Object:
    return Object("activation", name, {}, Span(Source("", ""), 1, 1, 1, 1))


def inner(loaded: Loaded, name: str = "frames") -> Graph:
    ((_, model),) = models_inside(loaded.graph.node(name).object)
    assert model.graph is not None
    return model.graph


def test_names_within_are_the_model_s_own() -> None:
    graph = inner(understood(BLOCKS + CLIP + FRAMES))
    assert [node.name for node in graph.nodes] == [
        *("stage.0.conv", "stage.0.re_lu", "stage.1.conv", "stage.1.re_lu", "flatten", "code")
    ]
    assert [graph.node(f"stage.{i}.conv").object.arguments["filters"] for i in (0, 1)] == [4, 8]


def test_a_block_of_several_layers_becomes_a_model() -> None:
    text = BLOCKS + CLIP + "  layers: [{TimeDistributed: {layer: {conv: 7}}, name: frames}]\n"
    graph = inner(understood(text))
    assert [(node.name, node.sources) for node in graph.nodes] == [
        ("conv", {"": "input"}),
        ("re_lu", {"": "conv"}),
    ]
    assert graph.node("conv").object.arguments == {"filters": 7, "kernel_size": 3}


def test_a_block_of_one_layer_is_that_layer() -> None:
    text = BLOCKS + "model:\n  inputs: {x: {shape: [4, 2]}}\n"
    loaded = understood(text + "  layers: [{Bidirectional: {layer: {steps: 6}}}]\n")
    layer: Any = loaded.graph.nodes[0].object.arguments["layer"]
    assert (layer.name, layer.arguments) == ("LSTM", {"units": 6})
    assert loaded.known["bidirectional"].shape == (None, 12)


def test_a_block_around_a_block_and_its_parameters() -> None:
    text = BLOCKS.replace(
        "  steps:",
        "  each:\n    params: {filters: 3}\n"
        '    layers: [{TimeDistributed: {layer: {conv: "${filters}"}}}, ReLU]\n  steps:',
    )
    loaded = understood(text + CLIP + "  layers: [{each: {filters: 6}, repeat: 2}]\n")
    graph = inner(loaded, "each.1.time_distributed")
    assert graph.node("conv").object.arguments["filters"] == 6


def test_a_variable_can_hold_the_layer() -> None:
    text = "vars: {inside: {model: {layers: [{Dense: 3}, {Dense: 2, repeat: 2}]}}}\n" + CLIP
    loaded = understood(
        text + '  layers: [{TimeDistributed: {layer: "${inside}"}, name: frames}]\n'
    )
    assert [node.name for node in inner(loaded).nodes] == ["dense", "dense.0", "dense.1"]


def test_defaults_reach_the_layers_within() -> None:
    text = BLOCKS + CLIP + "  defaults: {Conv2D: {padding: same}, LSTM: {units: 2}}\n" + FRAMES
    loaded = understood(text.replace("    - LSTM: 3\n", "    - LSTM\n"))
    assert inner(loaded).node("stage.1.conv").object.arguments["padding"] == "same"


@pytest.mark.parametrize("around", ["{}", "{{TimeDistributed: {{layer: {}}}}}"])
def test_a_model_has_defaults_of_its_own(around: str) -> None:
    model = "{model: {defaults: {Dense: {units: 7, use_bias: false}}, layers: [Dense, {Dense: 2}]}}"
    text = (
        "model:\n  inputs: {x: {shape: [4, 3]}}\n"
        "  defaults: {Dense: {use_bias: true, activation: relu}}\n"
        f"  layers: [{around.format(model)}, {{Dense: 5}}]\n"
    )
    graph = understood(text).graph
    ((_, model_graph),) = graph.nodes[0].inner
    assert [node.object.arguments for node in model_graph.nodes] == [
        {"units": 7, "use_bias": False, "activation": activation("relu")},
        {"units": 2, "use_bias": False, "activation": activation("relu")},
    ]
    assert graph.nodes[1].object.arguments["use_bias"] is True


@pytest.mark.parametrize(
    ("override", "name", "argument"),
    [
        ("vars.width=9", "code", "units"),
        (
            "model.layers.frames.TimeDistributed.layer.model.layers.code.Dense.units=9",
            "code",
            "units",
        ),
        (
            "model.layers.frames.TimeDistributed.layer.model.layers.stage.1.conv.Conv2D.filters=9",
            "stage.1.conv",
            "filters",
        ),
    ],
)
def test_set_reaches_a_layer_within(override: str, name: str, argument: str) -> None:
    loaded = understood(BLOCKS + CLIP + FRAMES, override)
    assert inner(loaded).node(name).object.arguments[argument] == 9


def test_the_origin_of_a_value_within(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(BLOCKS + CLIP + FRAMES, encoding="utf-8")
    findings = Findings()
    loaded = load(str(path), (), findings)
    assert loaded is not None, render(findings)
    where = "model.layers.frames.TimeDistributed.layer.model.layers.code.Dense.units"
    found = origin(loaded, where, findings)
    assert found is not None, render(findings)
    assert found.value == 4
    assert [(step.how, step.span.line) for step in found.steps] == [("variable", 1), ("used", 27)]


def test_without_blocks_and_loops_nothing_is_changed() -> None:
    text = CLIP + "  layers: [{TimeDistributed: {layer: {model: {layers: [Flatten]}}}}]\n"
    layers: Any = plain(understood(text).root)
    assert layers["model"]["layers"][0]["TimeDistributed"]["layer"]["model"]["layers"][0] in (
        "Flatten",
        {"Flatten": None, "name": "flatten"},
    )
