"""Labels in the graph are those that `predict` prints."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from modelforge.data.bundle import Tensor
from modelforge.evaluate.answers import Meaning, read_classes, read_labels
from modelforge.evaluate.predictions import Reading, rows_of
from modelforge.export import Served, asked_for, export_one, load_saved_model
from modelforge.export.labels import labels_of
from modelforge.findings import Findings

CLASSES = ("a", "bé", "c")


@pytest.mark.parametrize("meaning", ["probabilities", "logits", "scores"])
@pytest.mark.parametrize("units", [1, 2, 3])
def test_the_same_classes_as_predict_reads(meaning: Meaning, units: int) -> None:
    classes = CLASSES[:2] if units == 1 else CLASSES[:units]
    random = np.random.default_rng(0)
    output = random.random((20, units), dtype="float32")
    output = 8 * output - 4 if meaning == "logits" else output
    expected = read_classes(output, len(classes), meaning)

    found = labels_of(tf.constant(output), classes, meaning, 2)

    if expected is None:
        assert found == {}
        return
    assert found["scores"].numpy() == pytest.approx(expected.probabilities, abs=1e-6)
    labels = [label.decode() for label in found["label"].numpy()]
    assert labels == [classes[number] for number in expected.chosen]
    assert found["top_k_labels"].shape == found["top_k_scores"].shape == (20, 2)
    order = np.argsort(-expected.probabilities, axis=1)[:, :2]
    names = [[name.decode() for name in row] for row in found["top_k_labels"].numpy()]
    assert names == [[classes[number] for number in row] for row in order]
    best = np.take_along_axis(expected.probabilities, order, axis=1)
    assert found["top_k_scores"].numpy() == pytest.approx(best, abs=1e-6)


def test_an_even_chance_is_the_first_class_as_in_predict() -> None:
    found = labels_of(tf.constant([[0.5], [0.50001]]), ("no", "yes"), "probabilities", 5)
    assert found["label"].numpy().tolist() == [b"no", b"yes"]
    assert found["top_k_labels"].shape == (2, 2), "no more than there are"


def test_what_stands_for_no_classes_has_no_labels() -> None:
    assert labels_of(tf.zeros((2, 5)), CLASSES, "scores", 5) == {}
    assert labels_of(tf.zeros((2, 4, 3)), CLASSES, "probabilities", 5) == {}


def exported(
    outputs: dict[str, int],
    class_names: dict[str, tuple[str, ...]],
    folder: Path,
    several: tuple[str, ...] = (),
    **options: object,
) -> dict[str, np.ndarray]:
    x = keras.Input((4,), name="x")
    layers = {name: keras.layers.Dense(units, name=name)(x) for name, units in outputs.items()}
    inputs = {"x": Tensor((4,), "float32")}
    meanings = dict.fromkeys(several, "logits")
    model = keras.Model(x, list(layers.values()))
    served = Served(model, inputs, None, class_names, meanings, multi_label=frozenset(several))
    samples = {"x": np.random.default_rng(0).random((3, 4), dtype="float32")}
    findings = Findings()
    record = export_one(served, asked_for("SavedModel", options), samples, folder, findings)
    assert record is not None, findings.errors
    answer = load_saved_model(Path(record["path"]), inputs)(samples)
    assert sorted(record["outputs"]) == sorted(answer)
    return {name: value.numpy() for name, value in answer.items()}


def test_several_outputs_have_their_names_before_the_labels(tmp_path: Path) -> None:
    found = exported(
        {"color": 3, "size": 2, "price": 1}, {"color": CLASSES, "size": CLASSES[:2]}, tmp_path
    )
    told = {"scores", "label", "top_k_scores", "top_k_labels"}
    expected = {f"{output}_{name}" for output in ("color", "size") for name in told}
    assert set(found) == {"color", "size", "price"} | expected
    assert found["size_label"][0].decode() == CLASSES[found["size"][0].argmax()]


def test_an_output_of_the_model_keeps_its_name(tmp_path: Path) -> None:
    found = exported({"label": 3}, {"label": CLASSES}, tmp_path)
    assert found["label"].shape == (3, 3)
    assert found["label_label"][0].decode() == CLASSES[found["label"][0].argmax()]


def test_how_many_are_told_and_none_without_labels(tmp_path: Path) -> None:
    found = exported({"kind": 3}, {"kind": CLASSES}, tmp_path, top_k=2)
    assert found["top_k_labels"].shape == (3, 2)
    assert set(exported({"kind": 3}, {"kind": CLASSES}, tmp_path, labels=False)) == {"kind"}


@pytest.mark.parametrize("meaning", ["probabilities", "logits"])
def test_the_same_labels_as_predict_reads(meaning: Meaning) -> None:
    random = np.random.default_rng(1)
    output = random.random((20, 3), dtype="float32")
    output = 8 * output - 4 if meaning == "logits" else output
    reading = Reading({"y": CLASSES}, {"y": meaning}, False, frozenset({"y"}), 0.7)
    expected = rows_of([str(i) for i in range(20)], {"y": output}, reading)

    found = labels_of(tf.constant(output), CLASSES, meaning, 2, above=0.7)

    assert "label" not in found
    assert found["labels"].shape == (20, 3)
    told = [[label.decode() for label in row] for row in found["labels"].numpy()]
    assert [[label for label in row if label] for row in told] == [it["labels"] for it in expected]
    assert all(row == sorted(row, key=lambda label: label == "") for row in told), "empty ones last"
    probabilities = read_labels(output, 3, meaning)
    assert found["scores"].numpy() == pytest.approx(probabilities, abs=1e-6)
    assert found["top_k_labels"].shape == (20, 2)


def test_bare_scores_tell_no_labels() -> None:
    assert labels_of(tf.zeros((2, 3)), CLASSES, "scores", 5, above=0.5) == {}
    assert labels_of(tf.zeros((2, 2)), CLASSES, "probabilities", 5, above=0.5) == {}


def test_labels_of_one_output_beside_the_class_of_another(tmp_path: Path) -> None:
    found = exported(
        {"tags": 3, "size": 2},
        {"tags": CLASSES, "size": CLASSES[:2]},
        tmp_path,
        several=("tags",),
        threshold=0.6,
    )
    assert {"tags_labels", "size_label", "tags_scores", "size_scores"} < set(found)
    assert not {"tags_label", "size_labels"} & set(found)
    shares = 1 / (1 + np.exp(-found["tags"].astype(float)))
    assert found["tags_scores"] == pytest.approx(shares, abs=1e-6)
    counts = [[bool(label) for label in row].count(True) for row in found["tags_labels"]]
    assert counts == (shares > 0.6).sum(axis=1).tolist()
