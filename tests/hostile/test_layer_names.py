"""Sixty names of layers: refused with a place, or good for building, fitting, saving, exporting."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from modelforge.build import build_model
from modelforge.document import parse
from modelforge.findings import Findings, Source
from modelforge.graph import Loaded, understand

GOOD = (
    *(
        "a",
        "A",
        "0",
        "9lives",
        "a1",
        "layer",
        "Layer_1",
        "a.b",
        "a.b.c",
        "a..b",
        "a-b",
        "a_b",
        "a.",
    ),
    *("a-", "a_", "CON", "nul", "con.txt", "name", "input_1", "dense", "Dense", "True", "null1"),
    *(
        "kernel",
        "bias",
        "keras",
        "model",
        "train",
        "x" * 64,
        "x" * 255,
        "a" + "." * 60,
        "0.0",
        "1e3",
    ),
    *("block.0.conv2d", "save", "self", "class", "lambda", "vars", "weights", "_TF".strip("_")),
)
BAD = (
    *("", " ", ".", "..", "../a", "a/b", "/a", "a b", "a:b", "a\\b", "a\nb", "a\tb", "é", "名"),
    *(
        "🙂",
        "-a",
        "_a",
        ".a",
        "a\x00b",
        "x" * 256,
        "x" * 70_000,
        "a%b",
        "a$b",
        "${",
        "a*b",
        "a\u202eb",
    ),
)


def understood(name: str) -> tuple[Loaded | None, Findings]:
    text = (
        "model:\n  inputs: {x: {shape: [3]}}\n  layers:\n    - Dense: 2\n"
        f"      name: {json.dumps(name)}\n    - BatchNormalization:\n"
    )
    findings = Findings()
    root = parse(Source("s.yaml", text), findings)
    return (understand(root, (), findings) if root else None), findings


def test_there_are_sixty() -> None:
    assert len({*GOOD, *BAD}) >= 60


@pytest.mark.parametrize("name", BAD, ids=lambda name: repr(name)[:20])
def test_bad_names_are_refused_with_a_place(name: str) -> None:
    loaded, findings = understood(name)
    assert loaded is None
    assert findings.errors and all(finding.span is not None for finding in findings)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, len(GOOD), 6))
def test_good_names_last_from_build_to_export(first: int, tmp_path: Path) -> None:
    for name in GOOD[first : first + 6]:
        loaded, findings = understood(name)
        assert loaded is not None, (name, list(findings))
        model = build_model(loaded.graph, {}, "m")
        assert [layer.name for layer in model.layers][1] == name
        model.compile(loss="mse")
        rows = np.ones((4, 3), "float32")
        model.fit(rows, np.ones((4, 2)), verbose=0)
        told = model.predict(rows, verbose=0)
        model.save(tmp_path / "m.keras")
        again = keras.saving.load_model(tmp_path / "m.keras")
        assert again.get_layer(name).count_params() == 8
        assert np.array_equal(again.predict(rows, verbose=0), told)
        model.export(tmp_path / "exported", verbose=False)
        served = keras.layers.TFSMLayer(str(tmp_path / "exported"), call_endpoint="serve")
        assert np.allclose(served(rows), told, atol=1e-6)
