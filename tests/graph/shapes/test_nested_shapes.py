"""Models among the layers and layers that are used again: what is told is what Keras builds."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from modelforge.build.from_spec import model_of
from modelforge.build.table import layer_table
from modelforge.findings import Finding, Findings, Refused
from modelforge.graph import Loaded, load
from modelforge.graph.shapes.rows import rows

HEAD = "modelforge: 1\nmodel:\n"
TWINS = """
  inputs:
    left: {shape: [28, 28, 1]}
    right: {shape: [28, 28, 1]}
  layers:
    - model: {layers: [Flatten, {Dense: {units: 64, activation: relu}, repeat: 2}]}
      name: encoder
      from: left
    - use: encoder
      from: right
      name: encoded_right
    - Dot: {axes: 1, normalize: true}
      from: [encoder, encoded_right]
"""
OUTPUTS = """
  inputs: {x: {shape: [6]}}
  layers:
    - model:
        inputs: {z: {shape: [6]}}
        layers:
          - Dense: 4
            name: mean
          - BatchNormalization
          - Dense: {units: 5, trainable: false}
            name: variance
            from: z
        outputs: [batch_normalization, variance]
      name: encoder
    - Concatenate:
      from: [encoder.batch_normalization, encoder.variance]
    - Dense: 9
      name: square
    - use: square
"""
DEEP = """
  inputs: {x: {shape: [12, 12, 3]}}
  layers:
    - model:
        layers:
          - model: {layers: [{Conv2D: {filters: 4, kernel_size: 3}}, MaxPooling2D]}
            name: inner
          - Flatten
          - Dense: 3
      name: outer
"""
OTHER_SIZES = """
  inputs: {small: {shape: [8, 8, 3]}, large: {shape: [16, 16, 3]}}
  layers:
    - model:
        inputs: {any: {shape: [null, null, 3]}}
        layers: [{Conv2D: {filters: 4, kernel_size: 3}}, BatchNormalization]
      name: tower
      from: small
    - use: tower
      from: large
      name: again
    - GlobalMaxPooling2D:
      name: one
      from: tower
    - GlobalMaxPooling2D:
      name: two
      from: again
    - Add:
      from: [one, two]
"""


def read(text: str, folder: Path) -> tuple[Loaded | None, list[Finding]]:
    path = folder / "spec.yaml"
    path.write_text(HEAD + text.strip("\n"), encoding="utf-8")
    findings = Findings()
    return load(str(path), (), findings), list(findings)


@pytest.mark.parametrize("text", [TWINS, OUTPUTS, DEEP])
def test_the_table_is_the_one_that_keras_gives(text: str, tmp_path: Path) -> None:
    loaded, findings = read(text, tmp_path)
    assert loaded is not None, findings
    assert rows(loaded.graph, loaded.known) == layer_table(*model_of(loaded, Findings()))


def test_a_model_that_leaves_sizes_open(tmp_path: Path) -> None:
    loaded, findings = read(OTHER_SIZES, tmp_path)
    assert loaded is not None, findings
    model, _ = model_of(loaded, Findings())
    calls = [node.outputs[0].shape for node in model.get_layer("tower")._inbound_nodes[-2:]]
    assert [loaded.known[name].shape for name in ("tower", "again")] == calls
    assert calls == [(None, 6, 6, 4), (None, 14, 14, 4)]
    assert sum(known.parameters or 0 for known in loaded.known.values()) == model.count_params()


def test_the_parts_of_a_model_are_known(tmp_path: Path) -> None:
    loaded, _ = read(DEEP, tmp_path)
    assert loaded is not None
    outer = loaded.known["outer"].inner
    assert outer is not None and outer["inner"].inner is not None
    assert outer["inner"].inner["conv2d"].shape == (None, 10, 10, 4)
    assert outer["dense"].parameters == 100 * 3 + 3


CLASH = """
  inputs: {x: {shape: [8]}}
  layers:
    - model: {layers: [{Conv2D: {filters: 2, kernel_size: 3}}]}
"""
WRONG_INPUT = """
  inputs: {x: {shape: [8]}}
  layers:
    - model: {inputs: {z: {shape: [9]}}, layers: [Dense: 2]}
"""
WRONG_AGAIN = """
  inputs: {x: {shape: [8]}, y: {shape: [9]}}
  layers:
    - model: {layers: [Dense: 2]}
      name: tower
      from: x
    - use: tower
      from: y
      name: other
    - Add:
      from: [tower, other]
"""


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (CLASH, (5, 25), "it takes 4 axes (batch, height, width, channels), but the input has 2"),
        (WRONG_INPUT, (5, 7), "its input `z` is made for (None, 9), and is given (None, 8)"),
        (WRONG_AGAIN, (8, 7), "its input `input` is made for (None, 8), and is given (None, 9)"),
    ],
)
def test_what_does_not_fit(
    text: str, place: tuple[int, int], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded, (finding,) = read(text, tmp_path)
    assert loaded is None
    assert finding.rule == "shape-clash"
    assert said in finding.message
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == place
    # Keras refuses it too.
    monkeypatch.setattr(sys.modules["modelforge.graph.load"], "foresee", lambda *_, **__: {})
    blind, findings = read(text, tmp_path)
    assert blind is not None, findings
    with pytest.raises(Refused):
        model_of(blind, Findings())


def test_an_axis_of_one_is_left_to_keras(tmp_path: Path) -> None:
    loaded, findings = read(WRONG_INPUT.replace("[9]", "[8, 1]"), tmp_path)
    assert loaded is not None, findings
    (known,) = loaded.known.values()
    assert (known.shapes, known.parameters) == (None, 4)


def test_a_layer_used_again_on_another_size_is_left_to_keras(tmp_path: Path) -> None:
    text = WRONG_AGAIN.replace("model: {layers: [Dense: 2]}", "Dense: 2")
    loaded, findings = read(text, tmp_path)
    assert loaded is not None, findings
    assert loaded.known["other"].shapes is None
