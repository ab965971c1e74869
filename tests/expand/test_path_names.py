"""`--set` and `patch` reach the layers that blocks and loops make, by their path names."""

from __future__ import annotations

from pathlib import Path

from modelforge.findings import Findings
from modelforge.findings.text import render
from modelforge.graph import Loaded, load

SPEC = """\
vars: {rate: 0.25}
blocks:
  conv:
    params: {filters: , size: 3}
    layers:
      - Conv2D: {filters: "${filters}", kernel_size: "${size}"}
      - Dropout: "${rate}"
model:
  inputs: {x: {shape: [32, 32, 4]}}
  layers:
    - conv: 8
      repeat: 2
      name: stage
    - Flatten
    - Dense: 3
"""


def loaded(folder: Path, *overrides: str, patch: str = "") -> tuple[Loaded | None, str]:
    (folder / "base.yaml").write_text(SPEC)
    (folder / "spec.yaml").write_text(f"extends: base.yaml\npatch: {patch}\n" if patch else SPEC)
    findings = Findings()
    found = load(str(folder / "spec.yaml"), overrides, findings)
    return found, render(findings).replace(f"{folder}/", "")


def arguments(found: Loaded | None, name: str) -> dict[str, object]:
    assert found is not None
    return dict(found.graph.node(name).object.arguments)


def test_one_layer_of_a_repeated_block(tmp_path: Path) -> None:
    found, text = loaded(tmp_path, "model.layers.stage.1.conv2d.Conv2D.filters=5")
    assert text == ""
    assert arguments(found, "stage.1.conv2d")["filters"] == 5
    assert arguments(found, "stage.0.conv2d")["filters"] == 8


def test_values_may_be_expressions(tmp_path: Path) -> None:
    found, _ = loaded(tmp_path, "model.layers.stage.0.dropout.Dropout.rate=${2 * rate}")
    assert arguments(found, "stage.0.dropout")["rate"] == 0.5


def test_a_layer_without_a_name_has_the_one_that_show_prints(tmp_path: Path) -> None:
    found, _ = loaded(tmp_path, "model.layers.dense.Dense.units=7")
    assert arguments(found, "dense") == {"units": 7}


def test_another_layer_in_the_place_of_one(tmp_path: Path) -> None:
    found, text = loaded(tmp_path, "model.layers.stage.0.dropout=ReLU")
    assert text == ""
    assert found is not None
    node = found.graph.node("stage.0.dropout")
    assert (node.object.name, node.sources) == ("ReLU", {"": "stage.0.conv2d"})


def test_a_parameter_of_a_block_in_its_short_form(tmp_path: Path) -> None:
    found, _ = loaded(tmp_path, "model.layers.stage.conv.filters=2")
    assert arguments(found, "stage.1.conv2d")["filters"] == 2
    found, _ = loaded(tmp_path, "model.layers.stage.conv.size=1")
    assert arguments(found, "stage.1.conv2d") == {"filters": 8, "kernel_size": 1}


def test_patch_does_the_same_and_a_later_override_wins(tmp_path: Path) -> None:
    patch = "{model.layers.stage.1.conv2d.Conv2D.filters: 5, model.layers.stage.0.dropout: ELU}"
    found, text = loaded(tmp_path, patch=patch)
    assert text == ""
    assert arguments(found, "stage.1.conv2d")["filters"] == 5
    found, _ = loaded(tmp_path, "model.layers.stage.1.conv2d.Conv2D.filters=6", patch=patch)
    assert arguments(found, "stage.1.conv2d")["filters"] == 6


def test_a_misspelt_step_is_blamed_with_the_names_that_are_there(tmp_path: Path) -> None:
    found, text = loaded(tmp_path, "model.layers.stage.1.conv2.Conv2D.filters=5")
    assert found is None
    assert "--set:1:22: error[unknown-path]: no layer is called `stage.1.conv2`" in text
    assert "did you mean `stage.1.conv2d`?" in text
    _, text = loaded(tmp_path, patch="{model.layers.stage.3.conv2d.Conv2D.filters: 5}")
    assert "spec.yaml:2:28: error[unknown-path]: no layer is called `stage.3`" in text
    assert "there are: stage.0, stage.1" in text


def test_a_group_is_no_layer(tmp_path: Path) -> None:
    _, text = loaded(tmp_path, "model.layers.stage.1.Conv2D.filters=5")
    assert "no layer is called `stage.1.Conv2D`" in text
    assert "did you mean `stage.1.conv2d`?" in text


def test_something_beside_a_block_is_blamed_not_the_block(tmp_path: Path) -> None:
    _, text = loaded(tmp_path, "model.layers.stage.nothing=5")
    assert text.startswith(
        "--set:1:20: error[unknown-key]: `nothing` cannot stand beside the block `conv`\n"
    )
    assert "unknown-layer" not in text


def test_a_block_may_have_the_name_of_an_argument(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(SPEC.replace("conv:", "dtype:"))
    findings = Findings()
    found = load(str(path), ["model.layers.dtype.filters=5"], findings)
    assert arguments(found, "stage.1.conv2d")["filters"] == 5, render(findings)
