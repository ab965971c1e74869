"""Texts that reach a layer of numbers: found before, and what TensorFlow fails with later."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from modelforge.build.objects import make
from modelforge.catalog import Catalog
from modelforge.document import parse
from modelforge.findings import Finding, Findings, Source
from modelforge.graph import understand
from modelforge.graph.texts import COMPUTE, KEEP
from tests.graph.shapes.against_keras import ours
from tests.graph.shapes.grids import GRIDS

HEAD = "modelforge: 1\nmodel:\n  inputs: {words: {shape: [4], dtype: string}}\n  layers: "


def findings(layers: str) -> list[Finding]:
    found = Findings()
    root = parse(Source("spec.yaml", HEAD + layers + "\n"), found)
    assert root is not None
    understand(root, (), found)
    return list(found)


def test_texts_into_a_dense_layer() -> None:
    (finding,) = findings("[{Reshape: [4]}, {Dense: 3, name: first}]")
    assert finding.rule == "text-as-numbers"
    assert finding.message == (
        "the layer `first` (Dense) computes with numbers, but `reshape` gives texts"
    )
    assert finding.hint == "put `StringLookup`, `Hashing` or `TextVectorization` before it"


@pytest.mark.parametrize(
    "layers",
    [
        "[{StringLookup: {vocabulary: [a, b]}}, {Embedding: {input_dim: 4, output_dim: 3}}]",
        "[{Hashing: 8}, {Embedding: {input_dim: 8, output_dim: 3}}, Flatten, {Dense: 2}]",
    ],
)
def test_texts_that_become_numbers(layers: str) -> None:
    assert findings(layers) == []


@pytest.mark.parametrize("word", sorted(COMPUTE | KEEP))
def test_what_tensorflow_does_with_texts(word: str) -> None:
    cases = (case for grid in GRIDS for case in grid() if case.word == word)
    wanted = next(case for case in cases if getattr(ours(case), "shapes", None))
    shape = [2, *(size or 3 for size in wanted.shapes[0])]
    texts = tf.constant(np.full(shape, "a", dtype=object))
    if word in KEEP:
        assert keras.backend.standardize_dtype(make(wanted.object)(texts).dtype) == "string"
    else:
        with pytest.raises((tf.errors.OpError, ValueError, TypeError)):
            make(wanted.object)(texts)


def test_the_words_are_layers(catalog: Catalog) -> None:
    assert not (COMPUTE | KEEP) - catalog.words("layer").keys()
