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
