"""The dtype of each tensor of a graph: what is told of it is what Keras's model has."""

from __future__ import annotations

from collections import Counter

import keras
import pytest

from modelforge.build import build_model, precision
from modelforge.document import parse
from modelforge.findings import Findings, Source
from modelforge.findings.text import render
from modelforge.graph import Given, Loaded, understand

X = "  inputs: {x: {shape: [4]}}\n"


def understood(model: str, *, train: str = "", data: Given | None = None) -> Loaded:
    text = f"modelforge: 1\nmodel:\n{model}"
    if train:
        text += f"train: {{loss: MeanSquaredError, precision: {train}}}\n"
    found = Findings()
    root = parse(Source("spec.yaml", text), found)
    assert root is not None
    loaded = understand(root, (), found, data)
    assert loaded is not None and not found.errors, render(found)
    return loaded


def told(loaded: Loaded) -> dict[str, tuple[str | None, ...] | None]:
    return {name: known.dtypes for name, known in loaded.known.items()}


def said(loaded: Loaded) -> dict[str, tuple[str, ...]]:
    """What Keras says of the outputs of each layer, by name."""
    keras.backend.clear_session(free_memory=False)
    policy = loaded.spec.train.precision if loaded.spec.train else "float32"
    with precision(policy):
        model = build_model(loaded.graph, {}, "model")
    named = {operation.name: operation for operation in model.operations}
    calls: Counter[str] = Counter()
    found = {}
    for node in loaded.graph.nodes:
        tensors = named[node.layer]._inbound_nodes[calls[node.layer]].output_tensors
        found[node.name] = tuple(keras.backend.standardize_dtype(it.dtype) for it in tensors)
        calls[node.layer] += 1
    return found


CASES = {
    "dense": (X + "  layers: [{Dense: 3, name: a}, {Activation: softmax, name: b}]\n", ""),
    "its own dtype": (X + "  layers: [{Dense: {units: 3, dtype: float64}, name: a}]\n", ""),
    "a policy": (
        X + "  layers:\n    - Dense: {units: 3, dtype: {DTypePolicy: mixed_float16}}\n"
        "      name: a\n    - {Flatten: {dtype: float64}, name: b}\n",
        "",
    ),
    "mixed": (
        X + "  layers: [{Dense: 3, name: a}, {Dense: {units: 3, dtype: float32}, name: b}]\n",
        "mixed_bfloat16",
    ),
    "states": (
        "  inputs: {x: {shape: [5, 4]}}\n  layers:\n    - LSTM: {units: 3, return_state: true}\n"
        "      name: a\n    - {Add: , from: [a.0, a.2], name: b}\n",
        "mixed_float16",
    ),
    "operations": (
        X + "  layers:\n    - {ops.argmax: {axis: 1}, name: a}\n    - {ops.one_hot: 4, name: b}\n"
        "    - {ops.multiply: {x2: 2}, from: b, name: c}\n"
        "    - {ops.cast: int8, name: d}\n    - {ops.sum: {axis: 1}, name: e}\n",
        "",
    ),
    "no cast of an operation": (X + "  layers: [{ops.exp: , name: a}]\n", "mixed_bfloat16"),
    "inputs": (
        "  inputs: {i: {shape: [4], dtype: int64}, h: {shape: [4], dtype: float16}}\n  layers:\n"
        "    - {Embedding: {input_dim: 9, output_dim: 4}, from: i, name: a}\n"
        "    - {Flatten: , from: h, name: b}\n    - {Flatten: , from: i, name: c}\n"
        "    - {ops.add: , from: [b, c], name: d}\n    - {Flatten: , from: a, name: e}\n"
        "    - {Concatenate: , from: [d, e], name: f}\n",
        "",
    ),
    "nested": (
        X + "  layers:\n    - name: m\n      model:\n        inputs: {y: {shape: [4]}}\n"
        "        layers: [{Dense: {units: 3, dtype: float64}, name: inside}]\n"
        "    - {Flatten: , name: b}\n",
        "mixed_bfloat16",
    ),
    "nested and called again": (
        X + "  layers:\n    - {ops.cast: float16, name: a}\n    - name: m\n      model:\n"
        "        layers: [{Dense: 4, name: inside}]\n"
        "    - {use: m, from: x, name: again}\n    - {Add: , from: [m, again], name: b}\n",
        "",
    ),
    "shared": (
        X + "  layers:\n    - {Flatten: , name: a}\n    - {ops.cast: int32, name: c, from: x}\n"
        "    - {use: a, from: c, name: again}\n    - {Dense: 2, name: b}\n"
        "  outputs: [b, a]\n",
        "",
    ),
    "settled": (
        X + "  layers: [{Dropout: 0.5, call: {training: true}, name: a}, {Dense: 2, name: b}]\n",
        "mixed_bfloat16",
    ),
    "a model that is wrapped": (
        "  inputs: {x: {shape: [5, 4]}}\n  layers:\n"
        "    - TimeDistributed: {layer: {model: {layers: [{Dense: 3}, ReLU]}}}\n      name: a\n",
        "mixed_bfloat16",
    ),
    "wrapped": (
        "  inputs: {x: {shape: [5, 4]}}\n  layers:\n"
        "    - {TimeDistributed: {layer: {Dense: 3}}, name: a}\n"
        "    - {Bidirectional: {layer: {GRU: {units: 2, return_sequences: true}}}, name: b}\n",
        "mixed_bfloat16",
    ),
}


@pytest.mark.parametrize("model", CASES)
def test_all_is_told_as_keras_has_it(model: str) -> None:
    text, train = CASES[model]
    loaded = understood(text, train=train)
    assert told(loaded) == said(loaded)


def test_what_keras_and_the_model_say_differently_is_unknown() -> None:
    loaded = understood(
        "  inputs: {i: {shape: [4], dtype: int32}}\n"
        "  layers: [{Dropout: 0.5, name: a}, {Dense: 3, name: b}]\n"
    )
    assert told(loaded) == {"a": (None,), "b": ("float32",)}


def test_a_model_within_tells_the_dtypes_of_its_layers() -> None:
    text, train = CASES["nested"]
    known = understood(text, train=train).known["m"]
    assert known.inner is not None
    assert known.inner["inside"].dtypes == ("float64",)


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (Given({"x": (4,)}, {"x": "int32"}), "int32"),
        (Given({"x": (4,)}), None),
        (Given({"other": (4,)}, {"other": "int32"}), "float32"),
    ],
)
def test_the_data_tells_what_an_input_leaves_open(data: Given, dtype: str | None) -> None:
    text = "  inputs: {x: {shape: [4]}}\n  layers: [{Flatten: , name: a}]\ndata: {train: Iris}\n"
    found = Findings()
    root = parse(Source("spec.yaml", f"modelforge: 1\nmodel:\n{text}"), found)
    assert root is not None
    loaded = understand(root, (), found, data)
    if loaded is None:  # the other name is an error of its own
        assert [it.rule for it in found] == ["unknown-input"]
        return
    assert told(loaded) == {"a": (dtype,)}
