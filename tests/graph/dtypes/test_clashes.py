"""Layers that cannot take the dtypes that reach them: found before, and what Keras fails with."""

from __future__ import annotations

from typing import Any

import pytest
import tensorflow as tf

from modelforge.build import build_model, precision
from modelforge.catalog import load_catalog
from modelforge.document import parse
from modelforge.findings import Finding, Findings, ModelForgeError, Source
from modelforge.graph import Loaded, understand
from modelforge.graph.load import wire_spec
from modelforge.spec import read_spec
from tests.graph.dtypes.against_keras import values


def findings(inputs: str, layers: str, more: str = "") -> tuple[list[Finding], Loaded | None]:
    text = f"modelforge: 1\nmodel:\n  inputs: {{{inputs}}}\n  layers: {layers}\n{more}"
    found = Findings()
    root = parse(Source("spec.yaml", text), found)
    assert root is not None, text
    loaded = understand(root, (), found)
    return list(found), loaded


WORDS = "w: {shape: [4], dtype: string}"
PICTURE = "p: {shape: [8, 8, 3], dtype: uint8}"
FLAGS = "f: {shape: [4], dtype: bool}"
X = "x: {shape: [4]}"
NUMBERS = "computes with numbers, but"
FLOATS = "takes floating-point numbers, but"

REFUSED = [
    (WORDS, "[{Dense: 3}]", f"the layer `dense` (Dense) {NUMBERS} `w` gives texts"),
    (WORDS, "[{Reshape: [4]}, {Dense: 3}]", f"`dense` (Dense) {NUMBERS} `reshape` gives texts"),
    (PICTURE, "[{Conv2D: {filters: 2, kernel_size: 3}}]", f"`conv2d` (Conv2D) {FLOATS} `p` gives"),
    (PICTURE, "[AveragePooling2D: 2]", f"`average_pooling2d` (AveragePooling2D) {FLOATS} `p`"),
    (PICTURE, "[{Activation: sigmoid}]", f"`activation` (Activation) {FLOATS} `p` gives uint8"),
    (PICTURE, "[{ops.softmax: {axis: -1}}]", f"`softmax` (ops.softmax) {FLOATS} `p` gives uint8"),
    (FLAGS, "[ReLU]", "`re_lu` (ReLU) takes floating-point numbers and whole numbers, but `f`"),
    (FLAGS, "[{ops.negative: }]", "takes floating-point numbers and whole numbers, but `f` gives"),
    (
        X,
        "[{ops.bitwise_and: {}, from: [x, x]}]",
        "(ops.bitwise_and) takes whole numbers and bools, but",
    ),
    (X, "[{StringLookup: {vocabulary: [a]}}]", "(StringLookup) takes texts, but `x` gives float32"),
    (
        f"{WORDS}, {X}",
        "[{Concatenate: {}, from: [w, x]}]",
        "`concatenate` (Concatenate) brings together texts, of `w`, and numbers, of `x`",
    ),
    (f"{WORDS}, {X}", "[{Add: {}, from: [x, w]}]", "brings together texts, of `w`, and numbers"),
    (f"{WORDS}, {X}", "[{ops.stack: {}, from: [x, w]}]", "brings together texts, of `w`"),
    (
        WORDS,
        "[{model: {inputs: {n: {shape: [4]}}, layers: [Flatten]}, name: inner}]",
        "the layer `inner` (model) takes float32 as `n`, but `w` gives texts",
    ),
    (
        X,
        "[{model: {inputs: {t: {shape: [4], dtype: string}}, layers: [Flatten]}, name: inner}]",
        "takes texts as `t`, but `x` gives float32",
    ),
    (
        "s: {shape: [1024, 1], dtype: bfloat16}",
        "[{STFTSpectrogram: {dtype: bfloat16}}]",
        "computes in bfloat16, of which TensorFlow has no Fourier transform",
    ),
]
ACCEPTED = [
    (WORDS, "[{StringLookup: {vocabulary: [a]}}, {Embedding: {input_dim: 4, output_dim: 3}}]"),
    (WORDS, "[{Hashing: 8}, {Embedding: {input_dim: 8, output_dim: 3}}, Flatten, {Dense: 2}]"),
    (WORDS, "[{StringLookup: {vocabulary: [a], output_mode: multi_hot}}, {Dense: 2}]"),
    (WORDS, "[Flatten, Identity]"),
    (PICTURE, "[Rescaling: 0.1, {Conv2D: {filters: 2, kernel_size: 3}}]"),
    (PICTURE, "[{ops.cast: float32}, {Conv2D: {filters: 2, kernel_size: 3}}]"),
    (PICTURE, "[Flatten, {Dense: 3}]"),
    (PICTURE, "[MaxPooling2D: 2, {ops.mean: {axis: [1, 2]}}]"),
    (PICTURE, "[{Activation: relu}]"),
    (FLAGS, "[{Activation: linear}]"),
    ("i: {shape: [4], dtype: int32}, " + FLAGS, "[{ops.bitwise_and: {}, from: [i, f]}]"),
    (f"{FLAGS}, {X}", "[{Multiply: {}, from: [f, x]}]"),
    (f"{PICTURE}, {X}", "[{Flatten: {}, from: p}, {Concatenate: {}, from: [flatten, x]}]"),
    (X, "[{model: {inputs: {n: {shape: [4], dtype: int32}}, layers: [Flatten]}}]"),
]


@pytest.mark.parametrize(("inputs", "layers", "message"), REFUSED)
def test_what_is_refused(inputs: str, layers: str, message: str) -> None:
    found, loaded = findings(inputs, layers)
    (finding,) = found
    assert loaded is None
    assert message in finding.message
    texts = "texts" in finding.message and "takes texts" not in finding.message
    assert finding.rule == ("text-as-numbers" if texts else "dtype-clash")
    assert finding.hint
    with pytest.raises((ModelForgeError, tf.errors.OpError, TypeError, ValueError)):
        run(inputs, layers)


@pytest.mark.parametrize(("inputs", "layers"), ACCEPTED)
def test_what_works(inputs: str, layers: str) -> None:
    found, loaded = findings(inputs, layers)
    assert found == []
    assert loaded is not None
    run(inputs, layers)


def run(inputs: str, layers: str) -> Any:
    """What Keras and TensorFlow make of it: the model is built without a check, and run."""
    text = f"modelforge: 1\nmodel:\n  inputs: {{{inputs}}}\n  layers: {layers}\n"
    root = parse(Source("spec.yaml", text), Findings())
    assert root is not None
    spec = read_spec(root, load_catalog())
    graph = wire_spec(spec, load_catalog(), Findings())
    assert graph is not None
    with precision("float32"):
        model = build_model(graph, {}, "model")
    given = {it.name: values(tuple(it.shape[1:]), it.dtype) for it in model.inputs}
    return model.predict(given if len(given) > 1 else next(iter(given.values())), verbose=0)


def test_the_mend_of_texts() -> None:
    (finding,) = findings(WORDS, "[{Dense: 3, name: first}]")[0]
    assert finding.message == "the layer `first` (Dense) computes with numbers, but `w` gives texts"
    assert finding.hint == "put `StringLookup`, `Hashing` or `TextVectorization` before it"


def test_the_mend_of_whole_numbers() -> None:
    (finding,) = findings(PICTURE, "[{Conv2D: {filters: 2, kernel_size: 3}}]")[0]
    assert finding.hint == "put `ops.cast: float32` before it"
    assert finding.span is not None and (finding.span.line, finding.span.column) == (4, 13)


def test_a_layer_that_computes_in_halves() -> None:
    layers = "[{STFTSpectrogram: {}}, Flatten, {Dense: 1}]"
    more = "train: {loss: MeanSquaredError, precision: mixed_bfloat16}\n"
    (finding,) = findings("s: {shape: [1024, 1]}", layers, more)[0]
    assert "computes in bfloat16" in finding.message
    assert finding.hint == "give it `dtype: float32`"
