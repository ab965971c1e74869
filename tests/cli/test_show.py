"""`modelforge show`: the layer table, with and without Keras, and the resolved spec."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

DECLARED = """
model:
  inputs: {image: {shape: [227, 227, 3]}}
  layers:
    - Conv2D: {filters: 96, kernel_size: 11, strides: 4}
      name: first
    - BatchNormalization
    - Flatten
    - Dense: 10
"""
FROM_DATA = """
data: {train: Digits}
model:
  layers:
    - Flatten
    - Dense: {units: "${data.classes}"}
      name: digit
"""


NESTED = """
model:
  inputs: {left: {shape: [8]}, right: {shape: [8]}}
  layers:
    - model:
        layers:
          - Dense: 4
          - model: {layers: [{Dense: 3}, ReLU]}
            name: narrow
      name: encoder
      from: left
    - use: encoder
      from: right
    - Add:
      from: [encoder, encoder_1]
"""


def test_a_table_without_tensorflow(tmp_path: Path) -> None:
    path = tmp_path / "alexnet.yaml"
    path.write_text(DECLARED, encoding="utf-8")
    code = (
        "import sys; from modelforge.cli.main import run\n"
        f"code = run(['show', {str(path)!r}])\n"
        "assert code == 0 and not sys.modules.keys() & {'tensorflow', 'keras'}"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    (row,) = [line.split() for line in done.stdout.splitlines() if line.startswith("  first")]
    assert row == ["first", "Conv2D", "[None,", "55,", "55,", "96]", "34,944", "image"]
    assert "4 layers, 2,939,338 parameters, 2,939,146 of them trainable" in done.stdout


def test_one_layer_is_no_layers(tmp_path: Path, modelforge_command: Run) -> None:
    path = tmp_path / "one.yaml"
    path.write_text("model: {inputs: {x: {shape: [4]}}, layers: [Flatten]}\n", encoding="utf-8")
    done = modelforge_command("show", path)
    assert "\n1 layer, 0 parameters, 0 of them trainable\n" in done.stdout


def test_a_table_that_needs_the_data(tmp_path: Path, modelforge_command: Run) -> None:
    path = tmp_path / "digits.yaml"
    path.write_text(FROM_DATA, encoding="utf-8")
    done = modelforge_command("show", "--json", path)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)[1] == {
        "name": "digit",
        "class": "Dense",
        "shape": [None, 10],
        "dtype": "float32",
        "parameters": 650,
        "trainable": 650,
        "sources": ["flatten"],
    }


def test_models_among_the_layers_stand_with_their_own(
    tmp_path: Path, modelforge_command: Run
) -> None:
    path = tmp_path / "nested.yaml"
    path.write_text(NESTED, encoding="utf-8")
    done = modelforge_command("show", path)
    assert done.exit_code == 0, done.stderr
    rows = [line.split("[")[0].rstrip() for line in done.stdout.splitlines() if "[None" in line]
    assert rows == [
        "  encoder     model",
        "    dense     Dense",
        "    narrow    model",
        "      dense   Dense",
        "      re_lu   ReLU",
        "  encoder_1   use encoder",
        "  add         Add",
    ]
    assert "3 layers and 4 inside of them, 51 parameters, 51 of them" in done.stdout


MIXED = """
model:
  inputs: {image: {shape: [8, 8, 3], dtype: uint8}}
  layers:
    - Rescaling: 0.004
    - {LSTM: {units: 4, return_state: true}, from: rows, name: lstm}
    - {Reshape: [8, 24], from: rescaling, name: rows}
    - {Dense: {units: 3, dtype: float32}, from: lstm.0, name: scores}
    - {ops.argmax: {axis: 1}, name: best}
train: {loss: MeanSquaredError, precision: mixed_bfloat16}
"""


def test_dtypes_stand_where_they_are_not_float32(tmp_path: Path, modelforge_command: Run) -> None:
    path = tmp_path / "mixed.yaml"
    path.write_text(MIXED, encoding="utf-8")
    done = modelforge_command("show", path)
    assert done.exit_code == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if "[None" in line]
    assert [row.split("]")[-1].split()[0] for row in rows] == [
        *("bfloat16", "bfloat16", "bfloat16", "float32", "int32")
    ]
    path.write_text(DECLARED, encoding="utf-8")
    assert "dtype" not in modelforge_command("show", path).stdout
    rows = json.loads(modelforge_command("show", "--json", path).stdout)
    assert {row["dtype"] for row in rows} == {"float32"}


def test_a_dtype_that_is_not_certain_is_not_told(tmp_path: Path, modelforge_command: Run) -> None:
    path = tmp_path / "whole.yaml"
    path.write_text(
        "model:\n  inputs: {x: {shape: [4], dtype: int32}}\n  layers: [Dropout: 0.1, Flatten]\n",
        encoding="utf-8",
    )
    rows = json.loads(modelforge_command("show", "--json", path).stdout)
    assert [row["dtype"] for row in rows] == [None, None]


@pytest.mark.parametrize("text", [DECLARED, NESTED, MIXED], ids=["declared", "nested", "mixed"])
def test_both_ways_tell_the_same(tmp_path: Path, text: str) -> None:
    from modelforge.build.from_spec import model_of
    from modelforge.build.table import layer_table
    from modelforge.findings import Findings
    from modelforge.graph import load
    from modelforge.graph.shapes.rows import rows

    path = tmp_path / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    findings = Findings()
    loaded = load(str(path), [], findings)
    assert loaded is not None
    assert rows(loaded.graph, loaded.known) == layer_table(*model_of(loaded, findings))


def test_a_wrong_spec_is_not_shown(tmp_path: Path, modelforge_command: Run) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(DECLARED.replace("kernel_size: 11", "kernel_size: 300"), encoding="utf-8")
    done = modelforge_command("show", path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "error[shape-clash]" in done.stderr


def test_the_resolved_spec(tmp_path: Path, modelforge_command: Run) -> None:
    path = tmp_path / "digits.yaml"
    path.write_text(FROM_DATA, encoding="utf-8")
    done = modelforge_command("show", "--resolved", path, "--set", "data.seed=5")
    assert done.exit_code == 0
    assert "  seed: 5\n" in done.stdout
    assert "units: 10\n" in done.stdout
    assert "kernel_initializer: GlorotUniform\n" in done.stdout
