"""Shared layers and models among the layers are built as they are meant."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from modelforge.build import build_model
from modelforge.build.table import layer_table
from modelforge.data.bundle import Tensor
from modelforge.document import parse
from modelforge.findings import Findings, Refused, Source
from modelforge.graph import Graph, understand


def graph_of(text: str) -> Graph:
    findings = Findings()
    root = parse(Source("spec.yaml", text), findings)
    loaded = understand(root, (), findings) if root else None
    assert loaded, list(findings)
    return loaded.graph


def test_a_shared_layer_has_one_set_of_weights() -> None:
    text = (
        "model:\n  inputs: {a: {shape: [4]}, b: {shape: [4]}}\n  layers:\n"
        "    - use: stem\n      from: b\n    - Dense: 3\n      name: stem\n      from: a\n"
        "    - Subtract:\n      from: [stem, stem_1]\n"
    )
    graph = graph_of(text)
    model = build_model(graph, {}, "m")
    assert model.count_params() == 4 * 3 + 3
    same = np.ones((2, 4), "float32")
    assert np.allclose(model.predict({"a": same, "b": same}, verbose=0), 0)
    assert not np.allclose(model.predict({"a": same, "b": 2 * same}, verbose=0), 0)
    rows = {row["name"]: row for row in layer_table(model, graph)}
    assert rows["stem"]["parameters"] == 15
    assert rows["stem_1"]["parameters"] == 0
    assert rows["stem_1"]["class"] == "use stem"


MODELS = """\
model:
  inputs: {x: {shape: [4]}}
  layers:
    - model:
        inputs: {a: {shape: [4]}, b: {shape: [4]}}
        layers:
          - Subtract:
            from: [a, b]
            name: mean
          - Dense: 2
            name: spread
        outputs: [mean, spread]
      name: encoder
      from: {b: x, a: x}
    - Dense: 1
      from: encoder.mean
    - model: {layers: [{Dense: 5, repeat: 2}]}
      name: decoder
      from: encoder.spread
  outputs: [dense, decoder]
"""


def test_models_among_the_layers(tmp_path: Path) -> None:
    model = build_model(graph_of(MODELS), {}, "m")
    encoder = model.get_layer("encoder")
    assert isinstance(encoder, keras.Model)
    assert encoder.output_names == ["mean", "spread"]
    assert [layer.name for layer in model.get_layer("decoder").layers] == [
        "input", "dense.0", "dense.1",
    ]  # fmt: skip
    values = np.ones((2, 4), "float32")
    before = model.predict(values, verbose=0)
    assert np.allclose(before[0], 0)
    model.save(tmp_path / "m.keras")
    after = keras.saving.load_model(tmp_path / "m.keras").predict(values, verbose=0)
    assert all(np.allclose(a, b) for a, b in zip(before, after, strict=True))


def test_what_keras_refuses_in_a_block_tells_the_use() -> None:
    text = (
        "blocks:\n  conv:\n    params: {size: }\n    layers:\n"
        '      - Conv2D: {filters: 1, kernel_size: "${size}"}\n'
        "model:\n  layers: [conv: 3, conv: 9]\n"
    )
    # Without declared inputs nothing is known of shapes before the data and Keras tell.
    with pytest.raises(Refused) as refused:
        build_model(graph_of(text), {"x": Tensor((8, 8, 1), "float32")}, "m")
    (finding,) = refused.value.findings
    assert finding.span is not None and finding.span.line == 5
    assert "`conv_1.conv2d`" in finding.message
    assert [(place.label, place.span.line) for place in finding.places] == [
        ("used with size = 9", 7)
    ]


def test_what_keras_names_by_itself_does_not_take_a_name() -> None:
    # The mask of a concatenation is a concatenation, which Keras calls `concatenate`.
    text = (
        "model:\n  inputs: {x: {shape: [5, 4]}}\n  layers:\n    - Masking\n    - parallel:\n"
        "        - []\n        - - BatchNormalization\n      merge: Concatenate\n"
        "    - Concatenate:\n      from: [x, masking]\n    - LSTM: 8\n      from: parallel\n"
        "    - GlobalMaxPooling1D:\n      from: concatenate\n    - Add:\n"
        "      from: [lstm, global_max_pooling1d]\n"
    )
    assert build_model(graph_of(text), {}, "m").output_shape == (None, 8)
