"""`resolved.yaml` means the same from wherever it is read."""

from __future__ import annotations

from pathlib import Path

from modelforge.catalog import load_catalog
from modelforge.document import plain
from modelforge.findings import Findings
from modelforge.graph import load
from modelforge.runs import resolved_yaml

SPEC = """\
modelforge: 1
name: "no"
vars: {rate: 1e-3}
data:
  train: {CSV: {path: table.csv, target: kind}}
  validation: {CSV: {path: "../other.csv", target: kind}}
model:
  layers:
    - Dense: 2
train:
  loss: SparseCategoricalCrossentropy
  optimizer: {Adam: "${rate}"}
"""


def _resolved(folder: Path, text: str) -> str:
    path = folder / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    findings = Findings()
    loaded = load(str(path), (), findings)
    assert loaded is not None, list(findings)
    return resolved_yaml(loaded.spec, folder, load_catalog())


def test_paths_to_data_are_absolute(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    text = _resolved(tmp_path / "specs", SPEC)
    assert f"path: {tmp_path}/specs/table.csv" in text
    assert f"path: {tmp_path}/other.csv" in text


def test_it_is_read_as_what_it_was_made_from(tmp_path: Path) -> None:
    text = _resolved(tmp_path, SPEC)
    assert "${" not in text
    (tmp_path / "elsewhere").mkdir()
    again = _resolved(tmp_path / "elsewhere", text)
    assert f"path: {tmp_path}/table.csv" in again
    assert _resolved(tmp_path / "elsewhere", again) == again
    findings = Findings()
    loaded = load(str(tmp_path / "spec.yaml"), (), findings)
    assert loaded is not None
    assert loaded.spec.name == "no"
    assert plain(loaded.root)["train"]["optimizer"] == {"Adam": 0.001}  # type: ignore[index,call-overload]


def test_an_application_is_named_once(tmp_path: Path) -> None:
    """Its function has a default name of its own, which is not that of the layer."""
    layers = "[MobileNetV3Small: {weights: null, classes: 3}, Dense: 2]"
    inputs = "inputs: {picture: {shape: [32, 32, 3]}}"
    text = f"model:\n  {inputs}\n  layers:\n    - model: {{layers: {layers}}}\n      if: true\n"
    first = _resolved(tmp_path, text)
    assert _resolved(tmp_path, first) == first
    assert "name: MobileNetV3Small" not in first
