"""Whole models: what is known of each layer equals the layer table of the built model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from modelforge.build.from_spec import model_of
from modelforge.build.table import layer_table
from modelforge.findings import Findings
from modelforge.graph import load
from modelforge.graph.shapes import Known, infer

# The others read files that a user brings.
GALLERY = ("bidirectional-lstm", "diabetes-regression", "digits", "iris-mlp", "perceptron")
SPECS = Path(__file__).parents[3] / "specs"

# Two towers that meet, attention, steps, states, frozen layers: what the gallery has none of.
WIRED = """
modelforge: 1
model:
  inputs:
    words: {shape: [12], dtype: int32}
    image: {shape: [16, 16, 3]}
  layers:
    - Embedding: {input_dim: 50, output_dim: 8, mask_zero: true}
      name: embedding
      from: words
    - MultiHeadAttention: {num_heads: 2, key_dim: 4}
      name: attention
      from: {query: embedding, value: embedding}
      call: {use_causal_mask: true}
    - Add:
      name: residual
      from: [embedding, attention]
    - LayerNormalization
    - Bidirectional: {layer: {GRU: {units: 5, return_sequences: true}}}
    - TimeDistributed: {layer: {Dense: {units: 6, trainable: false}}}
    - GlobalMaxPooling1D:
      name: text
    - SeparableConv2D: {filters: 8, kernel_size: 3, strides: 2, padding: same}
      from: image
    - BatchNormalization: {trainable: false}
    - PReLU: {shared_axes: [1, 2]}
    - Conv2DTranspose: {filters: 4, kernel_size: 2, strides: 2}
    - SpectralNormalization: {layer: {Conv2D: {filters: 4, kernel_size: 3}}}
    - AveragePooling2D: {pool_size: 3, strides: 2, padding: same}
    - GroupNormalization: {groups: 2}
    - Flatten:
      name: picture
    - Concatenate:
      from: [text, picture]
    - Dense: {units: 3, activation: softmax}
"""


def compare(path: Path) -> Mapping[str, Known]:
    findings = Findings()
    loaded = load(str(path), [], findings)
    assert loaded is not None, list(findings)
    model, graph = model_of(loaded, findings)
    inputs = {tensor.name: tuple(tensor.shape[1:]) for tensor in model.inputs}
    known = infer(graph, inputs, findings)
    assert not list(findings)
    for row in layer_table(model, graph):
        found = known[row["name"]]
        assert found.shape is not None, f"{row['class']} is unknown"
        assert list(found.shape) == row["shape"], row
        assert found.parameters == row["parameters"], row
        assert found.trainable == row["trainable"], row
    return known


def test_two_towers(tmp_path: Path) -> None:
    path = tmp_path / "wired.yaml"
    path.write_text(WIRED, encoding="utf-8")
    assert len(compare(path)) == 17


@pytest.mark.slow
@pytest.mark.parametrize("name", (*GALLERY, "residual"))
def test_the_gallery(name: str) -> None:
    compare(SPECS / f"{name}.yaml")


APPLICATION = """
modelforge: 1
model:
  inputs: {image: {shape: [96, 96, 3]}}
  layers:
    - MobileNetV2: {input_shape: [96, 96, 3], classes: 7, weights: null}
      name: whole
"""


@pytest.mark.slow
def test_an_application_with_its_head(tmp_path: Path) -> None:
    path = tmp_path / "application.yaml"
    path.write_text(APPLICATION, encoding="utf-8")
    findings = Findings()
    loaded = load(str(path), [], findings)
    assert loaded is not None, list(findings)
    model, graph = model_of(loaded, findings)
    assert infer(graph, None, findings) == {"whole": Known((tuple(model.output_shape),))}
