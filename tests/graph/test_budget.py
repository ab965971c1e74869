"""Models over the budget are refused without TensorFlow; those just under it are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelforge.findings import Finding, Findings
from modelforge.graph import load
from modelforge.graph.budget import parts_of

IMAGE = "{image: {shape: [256, 256, 3]}}"
VECTOR = "{x: {shape: [1000]}}"
WORDS = "{x: {shape: [512], dtype: int32}}"
STEPS = "{x: {shape: [64, 50000]}}"
CUBE = "{x: {shape: [32, 32, 32, 4]}}"

PARAMETERS = {
    "dense over a picture": (IMAGE, "[Flatten, Dense: 50000]"),
    "dense over one value more": (VECTOR, "[Dense: 1998002]"),
    "two dense layers": (VECTOR, "[Dense: 1000000, Dense: 1000]"),
    "an autoencoder of pixels": (IMAGE, "[Flatten, Dense: 6000, Dense: 196608]"),
    "an embedding": (WORDS, "[Embedding: {input_dim: 2000001, output_dim: 1000}]"),
    "an embedding of everything": (
        WORDS,
        "[Embedding: {input_dim: 9007199254740991, output_dim: 1}]",
    ),
    "a convolution": (
        IMAGE,
        "[Conv2D: {filters: 70000, kernel_size: 1}, Conv2D: {filters: 30000, kernel_size: 1}]",
    ),
    "a kernel as large as the picture": (IMAGE, "[Conv2D: {filters: 11000, kernel_size: 255}]"),
    "a convolution in depth": (CUBE, "[Conv3D: {filters: 50000, kernel_size: 25}]"),
    "a transposed convolution": (IMAGE, "[Conv2DTranspose: {filters: 300000, kernel_size: 50}]"),
    "a separable convolution": (IMAGE, "[SeparableConv2D: {filters: 700000000, kernel_size: 3}]"),
    "depth multiplied": (IMAGE, "[DepthwiseConv2D: {kernel_size: 3, depth_multiplier: 100000000}]"),
    "an LSTM": (VECTOR, "[Reshape: [10, 100], LSTM: 25000]"),
    "a GRU over a vocabulary": (STEPS, "[GRU: 20000]"),
    "a simple recurrent layer": (STEPS, "[SimpleRNN: 45000]"),
    "both directions": (STEPS, "[Bidirectional: {layer: {LSTM: 15000}}]"),
    "recurrent convolutions": (
        "{x: {shape: [4, 16, 16, 3]}}",
        "[ConvLSTM2D: {filters: 8000, kernel_size: 3}]",
    ),
    "heads": (
        STEPS,
        "[{MultiHeadAttention: {num_heads: 64, key_dim: 512}, from: {query: x, value: x}}]",
    ),
    "normalization": ("{x: {shape: [1000000000]}}", "[BatchNormalization]"),
    "normalization over all axes": (
        "{x: {shape: [40000, 50000]}}",
        "[LayerNormalization: {axis: [1, 2]}]",
    ),
    "slopes": ("{x: {shape: [50000, 50000]}}", "[PReLU]"),
    "a tower in a model": (IMAGE, "[model: {layers: [Flatten, Dense: 40000]}]"),
    "a wrapped layer": (STEPS, "[TimeDistributed: {layer: {Dense: 50000}}]"),
    "an equation": (STEPS, '[EinsumDense: {equation: "abc,cd->abd", output_shape: [64, 50000]}]'),
    "a hundred layers": (VECTOR, "[{Dense: 5000, repeat: 100}]"),
    "a loop": (VECTOR, "[{Dense: '${n}', for: {n: [40000, 50000, 2000]}}]"),
}
MEMORY = {
    "a repeated vector": (VECTOR, "[RepeatVector: 1000000000]"),
    "pictures enlarged": (IMAGE, "[UpSampling2D: 1000]"),
    "pictures resized": (IMAGE, "[Resizing: {height: 1000000, width: 1000000}]"),
    "padding": (IMAGE, "[ZeroPadding2D: 500000]"),
    "a vocabulary at each step": (
        "{x: {shape: [100000], dtype: int32}}",
        "[Embedding: {input_dim: 10, output_dim: 1000000}]",
    ),
    "many classes": (
        "{x: {shape: [100000]}}",
        "[CategoryEncoding: {num_tokens: 10000000, output_mode: one_hot}]",
    ),
    "wide states": (
        "{x: {shape: [1000000000, 1]}}",
        "[LSTM: {units: 100, return_sequences: true}]",
    ),
    "broadcast": (
        "{a: {shape: [1000000, 1]}, b: {shape: [1, 1000000]}}",
        "[{Add: , from: [a, b]}]",
    ),
}
IMPOSSIBLE = {
    "sizes beyond all": (VECTOR, "[RepeatVector: 9007199254740991, UpSampling1D: 2]"),
    "enlarged again and again": (IMAGE, "[{UpSampling2D: 9007199254740991, repeat: 9}]"),
    "resized to anything": (
        IMAGE,
        "[Resizing: {height: 9007199254740991, width: 9007199254740991}]",
    ),
    "weights beyond all": (
        WORDS,
        "[Embedding: {input_dim: 9007199254740991, output_dim: 9007199254740991}]",
    ),
    "filters beyond all": (IMAGE, "[Conv2D: {filters: 9007199254740991, kernel_size: 1}]"),
    "an input beyond all": ("{x: {shape: [9007199254740991, 9007199254740991]}}", "[ReLU]"),
}


def refusal(inputs: str, layers: str, folder: Path, **options: bool) -> list[Finding]:
    text = f"modelforge: 1\nmodel:\n  inputs: {inputs}\n  layers: {layers}\n"
    path = folder / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    findings = Findings()
    loaded = load(str(path), (), findings, **options)
    assert (loaded is None) == bool(findings.errors)
    return findings.errors


@pytest.mark.parametrize(("inputs", "layers"), PARAMETERS.values(), ids=PARAMETERS)
def test_too_many_parameters(inputs: str, layers: str, tmp_path: Path) -> None:
    errors = refusal(inputs, layers, tmp_path)
    assert {error.rule for error in errors} == {"too-many-parameters"}
    assert all(error.span is not None and error.span.line == 4 for error in errors)
    assert refusal(inputs, layers, tmp_path, allow_large=True) == []


@pytest.mark.parametrize(("inputs", "layers"), MEMORY.values(), ids=MEMORY)
def test_too_much_memory(inputs: str, layers: str, tmp_path: Path) -> None:
    (error,) = refusal(inputs, layers, tmp_path)
    assert error.rule == "too-much-memory"
    assert refusal(inputs, layers, tmp_path, allow_large=True) == []


@pytest.mark.parametrize(("inputs", "layers"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_no_tensor_can_have(inputs: str, layers: str, tmp_path: Path) -> None:
    (error,) = refusal(inputs, layers, tmp_path)
    assert error.rule == "shape-clash"
    assert "more than 2^63" in error.message
    (anyway,) = refusal(inputs, layers, tmp_path, allow_large=True)
    assert anyway.message == error.message


UNDER = {
    "a large dense layer": (VECTOR, "[Dense: 1998001]"),
    "a large language model's words": (WORDS, "[Embedding: {input_dim: 250000, output_dim: 4096}]"),
    "VGG's head": ("{x: {shape: [7, 7, 512]}}", "[Flatten, Dense: 4096, Dense: 4096, Dense: 1000]"),
    "the same layer again": (VECTOR, "[{Dense: 1000, name: d}, {use: d}]"),
}


@pytest.mark.parametrize(("inputs", "layers"), UNDER.values(), ids=UNDER)
def test_what_is_large_and_allowed(inputs: str, layers: str, tmp_path: Path) -> None:
    assert refusal(inputs, layers, tmp_path) == []


def test_the_number_of_layers(tmp_path: Path) -> None:
    items = f"[{', '.join(['ReLU'] * 10_001)}]"
    (error,) = refusal(VECTOR, items, tmp_path)
    assert error.message == "the model has 10,001 layers; the budget is 10,000"
    assert refusal(VECTOR, items.replace("[ReLU, ", "["), tmp_path) == []


INSIDE = """\
model:
  inputs: {clip: {shape: [7, 8, 8, 3]}}
  layers:
    - TimeDistributed:
        layer: {model: {layers: [{Conv2D: {filters: 4, kernel_size: 3}}, Flatten]}}
        trainable: false
      name: frames
    - Pipeline: {layers: [Flatten, {Dense: 2}, {model: {layers: [{Dense: 3}]}}]}
"""


def test_the_layers_of_a_model_inside_a_layer_count_at_each_step(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(INSIDE, encoding="utf-8")
    loaded = load(str(path), (), Findings())
    assert loaded is not None
    parts = {node.name: known for node, known, _ in parts_of(loaded.graph, loaded.known)}
    assert [*parts] == ["frames", "conv2d", "flatten", "pipeline", "dense"]
    assert parts["conv2d"].shapes == ((None, 7, 6, 6, 4),)
    assert (parts["frames"].parameters, parts["conv2d"].parameters) == (0, 3 * 3 * 3 * 4 + 4)
    assert (parts["conv2d"].trainable, parts["dense"].trainable) == (0, 2 * 3 + 3)
    assert parts["pipeline"].parameters == 7 * 6 * 6 * 4 * 2 + 2
    total = sum(known.parameters or 0 for known in loaded.known.values())
    assert sum(known.parameters or 0 for known in parts.values()) == total
