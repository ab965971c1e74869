"""A SavedModel runs without Keras, has names, and answers without chance."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from modelforge.data.bundle import Tensor
from modelforge.export import Served, asked_for, export_one
from modelforge.findings import Findings

# A stranger has TensorFlow alone: None in sys.modules makes an import fail.
STRANGER = """
import sys
sys.modules["keras"] = sys.modules["modelforge"] = None
import numpy as np, tensorflow as tf
loaded = tf.saved_model.load(sys.argv[1])
serve = loaded.signatures["serving_default"]
inputs = {name: tf.constant(value) for name, value in np.load(sys.argv[2]).items()}
first, second = serve(**inputs), serve(**inputs)
assert all(np.array_equal(first[name], second[name]) for name in first)
def plain(value):
    array = value.numpy()
    return np.char.decode(array.astype("S"), "utf-8") if value.dtype == tf.string else array
np.savez(sys.argv[3], **{name: plain(value) for name, value in first.items()})
if "class_names" in loaded.signatures:
    names = loaded.signatures["class_names"]()["class_names"].numpy()
    print(",".join(name.decode() for name in names))
"""


def picture_model() -> keras.Model:
    """Layers that are random in training, as users put them into a model."""
    keras.utils.set_random_seed(1)
    image = keras.Input((8, 8, 3), name="image")
    x = keras.layers.RandomFlip()(image)
    x = keras.layers.RandomBrightness(0.5, value_range=(0, 1))(x)
    x = keras.layers.Conv2D(4, 3)(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Dropout(0.5)(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, keras.layers.Dense(2, activation="softmax", name="kind")(x))


def ask_as_a_stranger(
    model: Path, samples: dict[str, np.ndarray], folder: Path
) -> tuple[dict[str, np.ndarray], str]:
    np.savez(folder / "in.npz", **samples)
    done = subprocess.run(
        [sys.executable, "-c", STRANGER, str(model), str(folder / "in.npz"), str(folder / "o.npz")],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    return dict(np.load(folder / "o.npz")), done.stdout.strip()


def test_runs_with_plain_tensorflow_and_leaves_augmentation_out(tmp_path: Path) -> None:
    model = picture_model()
    served = Served(model, {"image": Tensor((8, 8, 3), "float32")}, None, {"kind": ("cat", "dög")})
    samples = {"image": np.random.default_rng(0).random((5, 8, 8, 3), dtype="float32")}
    findings = Findings()

    record = export_one(served, asked_for("SavedModel"), samples, tmp_path / "export", findings)

    assert not len(findings) and record is not None
    assert record["max_difference"] < 1e-5 and record["samples"] == 5
    assert record["inputs"] == {
        "image": {"shape": [None, 8, 8, 3], "dtype": "float32", "data": "image"}
    }
    assert record["outputs"] == {
        "kind": {"shape": [None, 2], "dtype": "float32"},
        "scores": {"shape": [None, 2], "dtype": "float32"},
        "label": {"shape": [None], "dtype": "string"},
        "top_k_labels": {"shape": [None, 2], "dtype": "string"},
        "top_k_scores": {"shape": [None, 2], "dtype": "float32"},
    }
    assert [path.name for path in (tmp_path / "export").iterdir()] == ["saved_model"]
    answer, names = ask_as_a_stranger(Path(record["path"]), samples, tmp_path)
    assert names == "cat,dög"
    assert answer["kind"] == pytest.approx(model(samples["image"], training=False), abs=1e-5)
    best = answer["kind"].argmax(axis=1)
    assert answer["label"].tolist() == [("cat", "dög")[number] for number in best]
    assert np.array_equal(answer["top_k_labels"][:, 0], answer["label"])
    assert np.array_equal(answer["top_k_scores"], np.sort(answer["scores"])[:, ::-1])


def test_takes_raw_columns_through_the_preprocessing_and_names_several_outputs(
    tmp_path: Path,
) -> None:
    served, samples = columns_model()
    findings = Findings()

    record = export_one(served, asked_for("SavedModel"), samples, tmp_path, findings)

    assert not len(findings) and record is not None
    assert record["inputs"]["sex"] == {"shape": [None, 1], "dtype": "string", "data": "sex"}
    assert record["inputs"]["age_years"]["data"] == "age (years)"
    renamed = {"sex": np.array(samples["sex"], "U"), "age_years": samples["age (years)"]}
    answer, _ = ask_as_a_stranger(Path(record["path"]), renamed, tmp_path)
    assert sorted(answer) == ["price", "survived"]
    expected = served.answer(samples)
    for name, value in answer.items():
        assert value == pytest.approx(np.asarray(expected[name]), abs=1e-5)


def columns_model() -> tuple[Served, dict[str, np.ndarray]]:
    sex = keras.Input((1,), dtype="string", name="sex")
    age = keras.Input((1,), name="age (years)")
    lookup = keras.layers.StringLookup(vocabulary=["male", "female"], output_mode="one_hot")
    normal = keras.layers.Normalization(mean=[30.0], variance=[100.0])
    joined = keras.layers.Concatenate()([lookup(sex), normal(age)])
    preprocessing = keras.Model({"sex": sex, "age (years)": age}, joined)
    x = keras.Input((4,), name="input")
    outputs = [
        keras.layers.Dense(1, activation="sigmoid", name="survived")(x),
        keras.layers.Dense(1, name="price")(x),
    ]
    inputs = {"sex": Tensor((1,), "string"), "age (years)": Tensor((1,), "float32")}
    samples = {
        "sex": np.array([["male"], ["female"], ["other"]], dtype=object),
        "age (years)": np.array([[20.0], [40.0], [3.0]], dtype="float32"),
    }
    return Served(keras.Model(x, outputs), inputs, preprocessing), samples


def test_a_keras_file_holds_the_preprocessing_too(tmp_path: Path) -> None:
    served, samples = columns_model()
    findings = Findings()

    record = export_one(served, asked_for("Keras"), samples, tmp_path, findings)

    assert not len(findings) and record is not None
    assert record["path"] == str(tmp_path / "model.keras")
    loaded = keras.models.load_model(record["path"])
    import tensorflow as tf

    names = {"sex": "sex", "age (years)": "age_years"}
    outputs = loaded({names[name]: tf.constant(value) for name, value in samples.items()})
    expected = served.answer(samples)
    assert np.asarray(outputs["price"]) == pytest.approx(np.asarray(expected["price"]), abs=1e-5)


class Dice(keras.layers.Layer):
    """Random in inference too, which no honest export can hold."""

    def call(self, x: object) -> object:
        """Adds noise."""
        return x + keras.random.normal(keras.ops.shape(x))


def test_a_model_that_answers_by_chance_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    x = keras.Input((2,), name="x")
    served = Served(keras.Model(x, Dice(name="dice")(x)), {"x": Tensor((2,), "float32")})
    findings = Findings()

    samples = {"x": np.zeros((3, 2), "float32")}
    record = export_one(served, asked_for("SavedModel"), samples, tmp_path, findings)

    assert record is None
    assert [finding.rule for finding in findings.errors] == ["export-random"]
    assert list(tmp_path.iterdir()) == []


def test_a_difference_over_the_tolerance_fails_and_keeps_the_export_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served, samples = columns_model()
    assert export_one(served, asked_for("SavedModel"), samples, tmp_path, Findings())
    before = (tmp_path / "saved_model" / "saved_model.pb").stat().st_mtime_ns
    answer = served.answer
    off = {name: np.asarray(value) + 0.01 for name, value in answer(samples).items()}
    monkeypatch.setattr(
        Served, "answer", lambda self, inputs: off if inputs is samples else answer(inputs)
    )
    findings = Findings()

    assert export_one(served, asked_for("SavedModel"), samples, tmp_path, findings) is None

    (finding,) = findings.errors
    assert finding.rule == "export-differs"
    assert finding.message.startswith("the exported SavedModel differs from the Keras model by 0.0")
    assert finding.message.endswith("which is more than the tolerance 1e-05")
    assert finding.span is not None and finding.span.source.name == "<command line>"
    assert (tmp_path / "saved_model" / "saved_model.pb").stat().st_mtime_ns == before
    assert [path.name for path in tmp_path.iterdir()] == ["saved_model"]


def test_a_model_in_16_bits_has_a_tolerance_of_its_own(tmp_path: Path) -> None:
    x = keras.Input((4,), name="x")
    dense = keras.layers.Dense(2, activation="softmax", dtype="mixed_bfloat16", name="y")
    served = Served(keras.Model(x, dense(x)), {"x": Tensor((4,), "float32")})
    samples = {"x": np.random.default_rng(0).random((9, 4), dtype="float32")}
    findings = Findings()
    record = export_one(served, asked_for("SavedModel"), samples, tmp_path, findings)
    assert record is not None, findings.errors
    assert record["tolerance"] == 0.02 and record["outputs"]["y"]["dtype"] == "bfloat16"
