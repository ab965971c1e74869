"""How layers are called: several outputs, operations, and `training` settled for good."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from modelforge.build import build_model
from modelforge.build.table import layer_table
from modelforge.document import parse
from modelforge.findings import Findings, Refused, Source
from modelforge.findings.text import render
from modelforge.graph import Graph, understand

ROWS = "model:\n  inputs: {x: {shape: [6, 4]}}\n  layers:\n"
X = np.random.default_rng(0).random((5, 6, 4), dtype="float32")


def graph_of(text: str) -> Graph:
    findings = Findings()
    root = parse(Source("spec.yaml", text), findings)
    loaded = understand(root, (), findings) if root else None
    assert loaded, render(findings)
    return loaded.graph


def built(text: str) -> keras.Model:
    return build_model(graph_of(text), {}, "m")


def reloaded(model: keras.Model, folder: Path) -> keras.Model:
    model.save(folder / "model.keras")
    return keras.models.load_model(folder / "model.keras")


STATES = """\
    - LSTM: {units: 3, return_state: true, return_sequences: true}
      name: encoder
    - LSTM: {units: 3}
      from: {sequences: x, initial_state: [encoder.1, encoder.2]}
      name: decoder
"""


def test_the_states_of_one_layer_begin_another() -> None:
    model = built(ROWS + STATES)
    encoder, decoder = model.get_layer("encoder"), model.get_layer("decoder")
    _, hidden, carried = encoder(X)
    expected = decoder(X, initial_state=[hidden, carried])
    np.testing.assert_allclose(model.predict(X, verbose=0), expected, rtol=1e-5)


def test_an_output_of_a_layer_is_an_output_of_the_model_under_its_name() -> None:
    text = ROWS + STATES + "  outputs: [decoder, encoder.0]\n"
    model = built(text)
    assert model.output_names == ["decoder", "encoder.0"]
    _, sequence = model.predict(X, verbose=0)
    np.testing.assert_allclose(sequence, model.get_layer("encoder")(X)[0], rtol=1e-5)


OPERATIONS = """\
    - ops.split: {indices_or_sections: 2, axis: 1}
      name: halves
    - ops.subtract:
      from: [halves.1, halves.0]
    - ops.subtract: {x1: 1}
    - ops.maximum: 0.75
      name: large
    - ops.take: {indices: [0, 2], axis: 1}
    - ops.einsum: "bij,bkj->bik"
      from: [take, large]
    - ops.stack: 1
      from: [einsum, einsum]
      name: last
"""


def test_operations_compute_what_keras_computes(tmp_path: Path) -> None:
    graph = graph_of(ROWS + OPERATIONS)
    model = build_model(graph, {}, "m")
    large = np.maximum(1 - (X[:, 3:] - X[:, :3]), 0.75)
    product = np.einsum("bij,bkj->bik", large[:, [0, 2]], large)
    expected = np.stack([product, product], axis=1)
    np.testing.assert_allclose(model.predict(X, verbose=0), expected, rtol=1e-5)
    assert model.output_names == ["last"]
    assert [operation.name for operation in model.operations][1:] == [n.name for n in graph.nodes]
    again = reloaded(model, tmp_path)
    np.testing.assert_allclose(again.predict(X, verbose=0), expected, rtol=1e-5)
    rows = layer_table(model, graph)
    assert [(row["class"], row["parameters"]) for row in rows[:2]] == [
        ("ops.split", 0),
        ("ops.subtract", 0),
    ]
    assert rows[0]["shape"] == [[None, 3, 4], [None, 3, 4]]


def test_a_merging_layer_takes_the_outputs_of_one() -> None:
    text = "    - ops.split: {indices_or_sections: 2, axis: 1}\n"
    text += "    - Concatenate:\n      from: split\n"
    np.testing.assert_allclose(built(ROWS + text).predict(X, verbose=0)[:, :, :4], X[:, :3])


def test_names_of_operations_do_not_depend_on_what_was_built_before() -> None:
    text = ROWS + "    - ops.relu\n    - ops.relu\n"
    assert built(text).output_names == built(text).output_names == ["relu_1"]


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("    - ops.split: [1, 3]\n    - Flatten:\n      from: split.7\n", "no `split.7`"),
        ("    - ops.split: 3\n", "an output of the model is one"),
    ],
)
def test_outputs_that_keras_does_not_give(layers: str, message: str) -> None:
    """Where the shapes are not known before, the model's build finds them missing."""
    text = layers.replace("split: [1, 3]", "split: {indices_or_sections: [1, 3], axis: 1}")
    with pytest.raises(Refused, match=message):
        built(ROWS.replace("[6, 4]", "[6, null]") + "    - ops.abs\n" + text)


def test_a_layer_with_several_outputs_is_not_one_tensor() -> None:
    # What is called on it is not sure to refuse a list, so only Keras can tell.
    gru = "    - GRU: {units: 2, return_state: true, return_sequences: true}\n"
    with pytest.raises(Refused) as refused:
        built(ROWS + gru + "    - EinsumDense: {equation: 'abc,cd->abd', output_shape: [6, 3]}\n")
    notes = " ".join(refused.value.findings[0].notes)
    assert "`gru` has several outputs: name one, `from: gru.0`" in notes


DROPOUT = "    - Dropout: 0.5\n      call: {training: %s}\n"


def test_dropout_stays_on(tmp_path: Path) -> None:
    model = built(ROWS + DROPOUT % "true")
    for each in (model, reloaded(model, tmp_path)):
        assert not np.allclose(each.predict(X, verbose=0), each.predict(X, verbose=0))
        assert not np.allclose(each(X, training=False), X)


def test_dropout_stays_off() -> None:
    model = built(ROWS + DROPOUT % "false")
    np.testing.assert_allclose(model(X, training=True), X)


NESTED = """\
    - model: {layers: [BatchNormalization, {Dense: 2}]}
      name: backbone
      call: {training: false}
    - use: backbone
      from: x
    - Add:
      from: [backbone, backbone_1]
"""


def test_the_statistics_of_a_model_that_is_called_outside_training_stay(tmp_path: Path) -> None:
    model = built(ROWS + NESTED)
    assert model.count_params() == 16 + 10
    before = [weight.numpy() for weight in model.non_trainable_weights]
    model.compile("sgd", "mse")
    model.fit(X + 3, np.zeros((5, 6, 2)), verbose=0)
    for weight, old in zip(model.non_trainable_weights, before, strict=True):
        np.testing.assert_array_equal(weight, old)
    again = reloaded(model, tmp_path)
    np.testing.assert_allclose(again.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-5)


ATTENTION = """\
    - MultiHeadAttention: {num_heads: 1, key_dim: 2, dropout: 0.5}
      from: {value: x, query: x}
      call: {training: true, use_causal_mask: true, return_attention_scores: true}
      name: attention
  outputs: [attention.0, attention.1]
"""


def test_all_options_of_a_settled_call_hold(tmp_path: Path) -> None:
    model = reloaded(built(ROWS + ATTENTION), tmp_path)
    found, scores = model.predict(X, verbose=0)
    assert np.allclose(np.triu(scores[:, 0], 1), 0), "each place looks at those before it"
    assert not np.allclose(found, model.predict(X, verbose=0)[0])


def test_a_layer_knows_a_mask_that_it_is_given() -> None:
    text = """\
model:
  inputs: {x: {shape: [6, 4]}, known: {shape: [6], dtype: bool}}
  layers:
    - GlobalAveragePooling1D
      from: {inputs: x, mask: known}
"""
    known = np.tile([True, True, False, False, False, False], (5, 1))
    found = built(text.replace("Pooling1D\n", "Pooling1D:\n")).predict(
        {"x": X, "known": known}, verbose=0
    )
    np.testing.assert_allclose(found, X[:, :2].mean(axis=1), rtol=1e-5)
