"""What blocks, loops, conditions, branches and defaults become."""

from __future__ import annotations

from typing import Any

from modelforge.catalog import load_catalog
from modelforge.document import parse, plain
from modelforge.findings import Findings, Source
from modelforge.findings.text import render
from modelforge.graph import Loaded, understand
from modelforge.spec.resolved import Resolved


def load(text: str, *overrides: str) -> Loaded:
    findings = Findings()
    root = parse(Source("spec.yaml", text), findings)
    loaded = understand(root, overrides, findings) if root else None
    assert loaded and not len(findings), render(findings)
    return loaded


def wiring(text: str, *overrides: str) -> dict[str, Any]:
    """What each layer is called on, by name."""
    return {
        node.name: next(iter(node.sources.values()))
        if len(node.sources) == 1
        else dict(node.sources)
        for node in load(text, *overrides).graph.nodes
    }


def arguments(text: str) -> dict[str, dict[str, Any]]:
    return {node.name: dict(node.object.arguments) for node in load(text).graph.nodes}


INPUT = "  inputs: {x: {shape: [8, 8, 4]}}\n  layers:\n"
BLOCK = """\
blocks:
  conv:
    params: {filters: , size: 3, double: "${2 * filters}"}
    layers:
      - Conv2D: {filters: "${double}", kernel_size: "${size}"}
      - ReLU:
        name: out
model:
"""


def test_a_block_is_used_like_a_layer() -> None:
    text = BLOCK + INPUT + "    - conv: {filters: 4, size: 1}\n    - conv: 3\n      name: last\n"
    assert wiring(text) == {
        "conv.conv2d": "x",
        "conv.out": "conv.conv2d",
        "last.conv2d": "conv.out",
        "last.out": "last.conv2d",
    }
    assert arguments(text)["conv.conv2d"] == {"filters": 8, "kernel_size": 1}
    assert arguments(text)["last.conv2d"] == {"filters": 6, "kernel_size": 3}


def test_unnamed_uses_are_numbered_around_given_names() -> None:
    text = BLOCK + INPUT + "    - conv: 4\n    - conv: 4\n    - ReLU:\n      name: conv_1\n"
    names = [*wiring(text)]
    assert names == ["conv.conv2d", "conv.out", "conv_2.conv2d", "conv_2.out", "conv_1"]


def test_the_name_of_a_block_means_what_comes_out_of_it() -> None:
    text = (
        BLOCK + INPUT + "    - conv: 4\n      name: a\n    - ReLU\n    - Add:\n"
        "      from: [a, re_lu]\n  outputs: [a, add]\n"
    )
    loaded = load(text)
    assert loaded.graph.node("add").sources == {"": ("a.out", "re_lu")}
    assert loaded.graph.outputs == ("a.out", "add")


def test_a_layer_inside_a_block_can_be_reached_by_its_path() -> None:
    text = BLOCK + INPUT + "    - conv: 4\n    - ReLU:\n      from: conv.conv2d\n    - Add:\n"
    assert wiring(text + "      from: [re_lu, conv]\n")["re_lu"] == "conv.conv2d"


def test_a_block_with_several_inputs() -> None:
    block = (
        "blocks:\n  join:\n    inputs: [a, b]\n    layers:\n      - Add:\n        from: [a, b]\n"
    )
    text = block + "model:\n" + INPUT + "    - ReLU\n    - join:\n      from: {b: x, a: re_lu}\n"
    assert wiring(text)["join.add"] == ("re_lu", "x")
    assert wiring(text.replace("{b: x, a: re_lu}", "[x, re_lu]"))["join.add"] == ("x", "re_lu")


def test_blocks_in_blocks_and_names_inside_are_local() -> None:
    text = """\
blocks:
  inner:
    layers: [{Dense: 4, name: a}, {Dense: 4, from: input, name: b}, {Add: , from: [a, b]}]
  outer:
    layers: [{Dense: 4, name: a}, inner, {Add: , from: [a, inner, input]}]
model:
  inputs: {x: {shape: [4]}}
  layers: [outer]
"""
    assert wiring(text) == {
        "outer.a": "x",
        "outer.inner.a": "outer.a",
        "outer.inner.b": "outer.a",
        "outer.inner.add": ("outer.inner.a", "outer.inner.b"),
        "outer.add": ("outer.a", "outer.inner.add", "x"),
    }


def test_a_round_of_a_block_is_its_last_layer() -> None:
    text = "blocks: {two: {layers: [{Dense: 4}, ReLU]}}\nmodel:\n" + INPUT
    text += "    - two:\n      repeat: 3\n      name: g\n"
    text += "    - Add:\n      from: [g.0, g.1, g]\n"
    assert wiring(text)["add"] == ("g.0.re_lu", "g.1.re_lu", "g.2.re_lu")
    assert load(text + "  outputs: [add, g.1]\n").graph.outputs == ("add", "g.1.re_lu")


def test_repeat_counts_from_0() -> None:
    text = 'model:\n  inputs: {x: {shape: [4]}}\n  layers:\n    - Dense: "${8 - i}"\n'
    assert wiring(text + "      repeat: 2\n") == {"dense.0": "x", "dense.1": "dense.0"}
    units = arguments(text + "      repeat: 2\n")
    assert [units[name]["units"] for name in units] == [8, 7]
    assert [*wiring(text + "      repeat: 2\n      name: fc\n")] == ["fc.0", "fc.1"]


def test_more_rounds_than_a_model_may_have_are_refused_at_once() -> None:
    text = "model:\n  inputs: {x: {shape: [4]}}\n  layers:\n    - ReLU:\n      repeat: 5001\n"
    findings = Findings()
    root = parse(Source("spec.yaml", text), findings)
    assert root is not None and understand(root, (), findings) is None
    (found,) = findings
    assert found.message == "`repeat` must be an integer from 0 to 5000, not 5001"
    assert found.span is not None and (found.span.line, found.span.column) == (5, 15)


def test_for_goes_in_step_and_a_name_may_tell_the_rounds_apart() -> None:
    text = (
        "vars: {widths: [8, 4]}\nmodel:\n  inputs: {x: {shape: [4]}}\n  layers:\n"
        '    - Dense: {units: "${w}", activation: "${a}"}\n'
        '      for: {w: "${widths}", a: [relu, tanh]}\n      name: "fc${i + 1}"\n'
        "    - Dense: 4\n      from: fc1\n    - Add:\n      from: [dense, fc2]\n"
    )
    assert [*wiring(text)] == ["fc1", "fc2", "dense", "add"]
    assert arguments(text)["fc2"]["units"] == 4
    assert wiring(text)["dense"] == "fc1"


def test_if_leaves_an_item_out() -> None:
    text = (
        "vars: {regular: true}\nmodel:\n  inputs: {x: {shape: [4]}}\n  layers:\n"
        '    - Dense: 4\n    - Dropout: 0.5\n      if: "${regular}"\n    - Dense: 2\n'
        '    - ReLU:\n      repeat: 3\n      if: "${i != 1}"\n'
    )
    assert [*wiring(text)] == ["dense", "dropout", "dense_1", "re_lu.0", "re_lu.2"]
    without = wiring(text, "vars.regular=false")
    assert without["dense_1"] == "dense"
    assert without["re_lu.2"] == "re_lu.0"


def test_parallel_branches_begin_at_the_same_place() -> None:
    text = (
        "model:\n" + INPUT + "    - Dense: 4\n    - parallel:\n        - [Dense: 4, ReLU]\n"
        "        - []\n      merge: Add\n      name: sum\n    - ReLU\n"
    )
    assert wiring(text) == {
        "dense": "x",
        "sum.0.dense": "dense",
        "sum.0.re_lu": "sum.0.dense",
        "sum": ("sum.0.re_lu", "dense"),
        "re_lu": "sum",
    }
    assert wiring(text.replace("      name: sum\n", ""))["parallel.add"] == (
        "parallel.0.re_lu",
        "dense",
    )


def test_a_branch_sees_the_names_around_it() -> None:
    text = (
        "model:\n" + INPUT + "    - Dense: 4\n      name: a\n    - ReLU\n    - parallel:\n"
        "        - [{Dense: 4, from: a}]\n        - []\n      merge: {Concatenate: {axis: 1}}\n"
    )
    assert wiring(text)["parallel.0.dense"] == "a"
    assert arguments(text)["parallel.concatenate"] == {"axis": 1}


def test_defaults_are_for_what_a_layer_does_not_set() -> None:
    text = """\
model:
  inputs: {x: {shape: [8, 8, 4]}}
  defaults:
    Conv2D: {kernel_size: 3, activation: relu}
    LSTM: {units: 5}
    BatchNormalization: {epsilon: 0.1}
  layers:
    - Conv2D: 4
    - Conv2D: {filters: 4, activation: null}
    - BatchNormalization
    - TimeDistributed: {layer: BatchNormalization}
    - Reshape: [8, 8]
    - Bidirectional: {layer: LSTM}
"""
    found = arguments(text)
    assert found["conv2d"] == {
        "filters": 4,
        "kernel_size": 3,
        "activation": found["conv2d"]["activation"],
    }
    assert found["conv2d_1"] == {"filters": 4, "kernel_size": 3, "activation": None}
    assert found["batch_normalization"] == {"epsilon": 0.1}
    assert found["time_distributed"]["layer"].arguments == {"epsilon": 0.1}
    assert found["bidirectional"]["layer"].arguments == {"units": 5}


def test_use_shares_a_layer_wherever_it_stands() -> None:
    text = (
        "model:\n  inputs: {a: {shape: [4]}, b: {shape: [4]}}\n  layers:\n"
        "    - use: stem\n      from: b\n    - Dense: 4\n      name: stem\n      from: a\n"
        "    - Add:\n      from: [stem, stem_1]\n"
    )
    graph = load(text).graph
    assert graph.node("stem_1").layer == "stem"
    assert graph.node("stem_1").sources == {"": "b"}
    assert graph.node("stem_1").object.name == "Dense"


def test_a_model_among_the_layers_has_names_of_its_own() -> None:
    text = """\
model:
  inputs: {x: {shape: [4]}}
  layers:
    - Dense: 4
    - model:
        inputs: {a: {shape: [4]}, b: {shape: [4]}}
        layers:
          - Add:
            from: [a, b]
          - Dense: 3
            repeat: 2
          - Dense: 2
            name: mean
          - Dense: 2
            name: spread
            from: dense.1
        outputs: [mean, spread]
      name: encoder
      from: {b: x, a: dense}
    - Dense: 1
      from: encoder.mean
    - Dense: 1
      from: encoder.spread
  outputs: [dense_1, dense_2]
"""
    graph = load(text).graph
    encoder = graph.node("encoder")
    assert encoder.sources == {"a": "dense", "b": "x"} and encoder.model
    assert [node.name for node in encoder.model.nodes] == [
        "add", "dense.0", "dense.1", "mean", "spread",
    ]  # fmt: skip


def test_the_resolved_spec_says_the_same_model() -> None:
    text = BLOCK + INPUT + (
        "    - conv: 4\n      repeat: 2\n    - parallel: [[conv: {filters: 4, size: 1}], [{Conv2D: "
        "{filters: 8, kernel_size: 1}}]]\n      merge: Add\n    - use: parallel.1.conv2d\n"
        "    - model: {layers: [ReLU, Flatten]}\n"
    )  # fmt: skip
    first = load(text)
    from modelforge.document.write import to_yaml

    again = load(to_yaml(Resolved(load_catalog()).spec(first.spec)))
    assert [(n.name, n.sources, n.shares) for n in again.graph.nodes] == [
        (n.name, n.sources, n.shares) for n in first.graph.nodes
    ]
    assert "blocks" not in plain(again.root)


def test_set_reaches_into_blocks() -> None:
    text = BLOCK + INPUT + "    - conv: 4\n      name: a\n"

    graph = load(text, "model.layers.a.conv=7", "blocks.conv.params.size=1").graph
    assert graph.node("a.conv2d").object.arguments == {"filters": 14, "kernel_size": 1}


def test_the_outputs_of_a_model_inside_a_block() -> None:
    text = (
        "blocks:\n  coded:\n    layers:\n      - model:\n          layers:\n"
        "            - {Dense: 2, name: mean}\n            - {Dense: 2, name: spread}\n"
        "          outputs: [mean, spread]\n        name: encoder\n      - Add:\n"
        "        from: [encoder.mean, encoder.spread]\n"
        "model:\n  inputs: {x: {shape: [4]}}\n  layers: [coded]\n"
    )
    assert wiring(text)["coded.add"] == ("coded.encoder.mean", "coded.encoder.spread")
