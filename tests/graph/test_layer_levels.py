"""How many layers with weights lie between a layer and the outputs, told without TensorFlow."""

from __future__ import annotations

import pytest

from modelforge.document import parse
from modelforge.findings import Findings, Source
from modelforge.findings.text import render
from modelforge.graph import understand
from modelforge.graph.freezing.check import learning_weights
from modelforge.graph.freezing.inside import look
from modelforge.graph.freezing.selectable import selectables
from modelforge.graph.rates.levels import levels

ROW = """
    - Dense: 4
      name: a
    - Dropout: 0.1
      name: drop
    - Dense: 4
      name: b
    - Dense: 1
      name: c
"""
NORMALIZED = """
    - Dense: 4
      name: a
    - BatchNormalization
    - ReLU:
      name: relu
    - Dense: 1
      name: b
"""
RESIDUAL = """
    - Dense: 4
      name: stem
    - Dense: 4
      name: one
    - Dense: 4
      name: two
    - Dense: 4
      from: stem
      name: side
    - Add:
      from: [two, side]
      name: sum
    - Dense: 1
      name: head
"""
HEADS = """
    - Dense: 4
      name: trunk
    - Dense: 1
      name: left
    - Dense: 4
      from: trunk
      name: deep
    - Dense: 1
      name: right
  outputs: [left, right]
"""
NESTED = """
    - Dense: 4
      name: stem
    - model:
        layers:
          - Dense: 4
            name: low
          - model:
              layers:
                - Dense: 4
                  name: one
                - Dense: 4
                  name: two
            name: core
          - Dense: 4
            name: high
      name: backbone
    - Dense: 1
      name: head
"""
AGAIN = """
    - Dense: 4
      name: shared
    - Dense: 4
      name: between
    - use: shared
      name: again
    - Dense: 1
      name: head
"""
WRAPPED = """
    - Pipeline: {layers: [{Dense: 4}, {Dense: 4}]}
      name: row
    - Reshape: {target_shape: [2, 2]}
      name: grid
    - TimeDistributed:
        layer:
          model:
            layers:
              - Dense: 4
                name: low
              - Dense: 2
                name: high
      name: each
    - Flatten
    - Dense: 1
      name: head
"""


def found(layers: str) -> dict[str, int]:
    text = f"model:\n  inputs: {{x: {{shape: [4]}}}}\n  layers:{layers}"
    findings = Findings()
    root = parse(Source("spec.yaml", text), findings)
    loaded = root and understand(root, [], findings)
    assert loaded, render(findings)
    everything = selectables(loaded.graph, look)
    told = levels(everything, learning_weights(loaded.graph, loaded.known).get)
    assert told is not None
    return told


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (ROW, {"a": 2, "drop": 1 + 1, "b": 1, "c": 0}),
        (NORMALIZED, {"a": 1, "batch_normalization": 1, "relu": 1, "b": 0}),
        (RESIDUAL, {"stem": 3, "one": 2, "two": 1, "side": 1, "sum": 1, "head": 0}),
        (HEADS, {"trunk": 2, "left": 0, "deep": 1, "right": 0}),
        (
            NESTED,
            {
                "stem": 5,
                "backbone": 1,
                "backbone/low": 4,
                "backbone/core": 2,
                "backbone/core/one": 3,
                "backbone/core/two": 2,
                "backbone/high": 1,
                "head": 0,
            },
        ),
        # Called first three layers from the output, and once more right before it.
        (AGAIN, {"shared": 3, "between": 2, "again": 1, "head": 0}),
        (
            WRAPPED,
            {
                "row": 3,
                "row/layers.0": 3,
                "row/layers.1": 3,
                "grid": 3,
                "each": 1,
                "each/low": 2,
                "each/high": 1,
                "flatten": 1,
                "head": 0,
            },
        ),
    ],
    ids=["row", "normalized", "residual", "heads", "nested", "again", "wrapped"],
)
def test_levels(layers: str, expected: dict[str, int]) -> None:
    assert found(layers) == expected


def test_there_are_none_where_it_is_not_known_which_layers_have_weights() -> None:
    findings = Findings()
    text = "model:\n  inputs: {x: {shape: [4]}}\n  layers:\n    - Dense: 4\n    - Dense: 1\n"
    root = parse(Source("spec.yaml", text), findings)
    loaded = root and understand(root, [], findings)
    assert loaded, render(findings)
    everything = selectables(loaded.graph, look)
    assert levels(everything, {"dense": 2}.get) is None
    assert levels(everything, {"dense": 2, "dense_1": 2}.get) == {"dense": 1, "dense_1": 0}
