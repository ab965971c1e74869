"""What is found out after the spec was read still blames the place where a value is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelforge.findings import Findings, Refused
from modelforge.train.prepare import prepare_model

SPEC = """\
modelforge: 1
vars: {classes: 7, watched: val_los}
data: {train: Digits}
model:
  layers:
    - Flatten
    - Dense: {units: "${classes}", activation: softmax}
train:
  loss: SparseCategoricalCrossentropy
  callbacks: [{EarlyStopping: {monitor: "${watched}"}}]
"""


def refusal(folder: Path, text: str) -> str:
    (folder / "spec.yaml").write_text(text)
    with pytest.raises(Refused) as refused:
        prepare_model(str(folder / "spec.yaml"), (), Findings())
    (finding,) = refused.value.findings
    (used,) = finding.related
    assert finding.span is not None
    return (
        f"{finding.span.line}:{finding.span.column} {finding.rule}, {used.label} {used.span.line}"
    )


def test_the_classes_of_the_data_against_a_variable(tmp_path: Path) -> None:
    assert refusal(tmp_path, SPEC) == "2:17 output-units, used 7"


def test_a_callback_that_watches_a_variable(tmp_path: Path) -> None:
    text = SPEC.replace("classes: 7", "classes: 10")
    assert refusal(tmp_path, text) == "2:30 unknown-monitor, used 10"


FAILS_IN_A_STEP = """\
modelforge: 1
data: {train: Digits}
model:
  layers:
    - Reshape: [8, 8]
      name: rows
    - ops.mean: {axis: -1, keepdims: true}
    - ops.repeat: {repeats: 3, axis: -1}
      name: mask
    - MultiHeadAttention: {num_heads: 1, key_dim: 2}
      from: {query: rows, value: rows, attention_mask: mask}
    - Flatten
    - Dense: {units: 10, activation: softmax}
train: {loss: SparseCategoricalCrossentropy}
"""
MODEL = """\
    - model:
        layers:
          - MultiHeadAttention: {num_heads: 1, key_dim: 2}
            from: {query: rows, value: rows, attention_mask: mask}
"""


@pytest.mark.parametrize("inside", [False, True])
def test_a_layer_that_keras_refuses_in_a_step_only(inside: bool, tmp_path: Path) -> None:
    text, place = FAILS_IN_A_STEP, (10, 7)
    if inside:
        begin, _, rest = text.partition("    - MultiHeadAttention")
        inputs = "        inputs: {rows: {shape: [8, 8]}, mask: {shape: [8, 3]}}\n"
        model = MODEL.replace("        layers:", f"{inputs}        layers:")
        text = (
            begin + model + "      from: [rows, mask]\n    - Flatten" + rest.partition("Flatten")[2]
        )
        place = (13, 13)
    (tmp_path / "spec.yaml").write_text(text)
    with pytest.raises(Refused) as refused:
        prepare_model(str(tmp_path / "spec.yaml"), (), Findings())
    (finding,) = refused.value.findings
    assert finding.rule == "layer-refused"
    assert finding.message.startswith("Keras refuses the layer `multi_head_attention`")
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == place
