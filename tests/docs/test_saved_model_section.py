"""The example of `load` in the guide does what the guide says."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import keras

from modelforge.build import build_model
from modelforge.findings import Findings
from modelforge.findings.text import render
from modelforge.graph import load

PAGE = Path(__file__).parent.parent.parent / "docs" / "language.md"


def test_the_example_is_built(tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(layers:\n  - load:.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found
    (tmp_path / "spec.yaml").write_text(
        "modelforge: 1\nmodel:\n  inputs: {image: {shape: [8, 8, 1]}}\n"
        + textwrap.indent(found[1], "  "),
        encoding="utf-8",
    )
    run = tmp_path / "runs" / "pretrain"
    run.mkdir(parents=True)
    (run / "state.json").write_text('{"state": "finished"}', encoding="utf-8")
    layers = [
        keras.Input((8, 8, 1)),
        keras.layers.Conv2D(4, 3),
        keras.layers.GlobalAveragePooling2D(name="pool"),
        keras.layers.Dense(9),
    ]
    encoder = keras.Sequential(layers, name="encoder")
    image = keras.Input((8, 8, 1), name="image")
    keras.Model(image, keras.layers.Dense(2)(encoder(image))).save(run / "best.keras")
    findings = Findings()
    loaded = load(str(tmp_path / "spec.yaml"), (), findings)
    assert loaded, render(findings)
    model = build_model(loaded.graph, {}, "m")
    assert model.output_shape == (None, 5)
    assert [weight.shape for weight in model.trainable_weights] == [(4, 5), (5,)]
