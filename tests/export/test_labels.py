"""Labels in the graph are those that `predict` prints."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from modelforge.data.bundle import Tensor
from modelforge.evaluate.answers import Meaning, read_classes
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
    **options: object,
) -> dict[str, np.ndarray]:
    x = keras.Input((4,), name="x")
    layers = {name: keras.layers.Dense(units, name=name)(x) for name, units in outputs.items()}
    inputs = {"x": Tensor((4,), "float32")}
    served = Served(keras.Model(x, list(layers.values())), inputs, None, class_names)
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
