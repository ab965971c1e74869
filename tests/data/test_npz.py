"""NPZ and KerasDataset: inputs, targets, labels out of range, archives that are refused."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelforge.data import read_arrays

from .conftest import everything, opened, refused, section

X = np.arange(24, dtype=np.float64).reshape(8, 3)
Y = np.array([0, 1, 2, 0, 1, 2, 0, 1])


def save(tmp_path: Path, **arrays: Any) -> Path:
    np.savez(tmp_path / "a.npz", **arrays)
    return tmp_path


def npz(**arguments: Any) -> Any:
    return section("NPZ", {"path": "a.npz", **arguments}, shuffle=False, batch_size=4)


def test_inputs_and_classes(tmp_path: Path) -> None:
    bundle, findings = opened(save(tmp_path, x=X, y=Y), npz())
    inputs, targets = everything(bundle.train)
    assert np.array_equal(inputs, X.astype(np.float32))
    assert np.array_equal(targets, Y)
    assert (bundle.facts["classes"], bundle.target, len(findings)) == (3, "classes", 0)


def test_several_inputs_keep_their_names_and_whole_numbers_stay_whole(tmp_path: Path) -> None:
    root = save(tmp_path, words=np.arange(16).reshape(8, 2), x=X, y=X[:, 0])
    bundle, _ = opened(root, npz(inputs=("words", "x")))
    inputs, targets = next(iter(bundle.train.batches()))
    assert {name: tensor.dtype for name, tensor in bundle.inputs.items()} == {
        "words": "int32",
        "x": "float32",
    }
    assert inputs["words"].numpy().tolist() == [[0, 1], [2, 3], [4, 5], [6, 7]]
    assert (bundle.target, targets.shape) == ("number", (4, 1))


def test_bytes_become_floats_for_the_model(tmp_path: Path) -> None:
    root = save(tmp_path, x=np.full((8, 2, 2, 1), 255, np.uint8), y=Y)
    bundle, _ = opened(root, npz())
    inputs, _ = everything(bundle.train)
    assert (inputs.dtype, inputs.max()) == (np.float32, 255)


@pytest.mark.parametrize(
    ("arrays", "arguments", "expected"),
    [
        (
            {"x": X, "y": Y},
            {"classes": 2},
            "label-out-of-range: sample 2 has label 2, expected 0 to 1",
        ),
        (
            {"x": X, "y": Y - 1},
            {},
            "label-out-of-range: sample 0 has label -1, expected 0 to 1",
        ),
        (
            {"x": X, "y": Y + 0.5},
            {"classes": 3},
            "label-not-whole: the labels are float64, expected whole numbers from 0",
        ),
        (
            {"x": X[:5], "y": Y},
            {},
            "unequal-lengths: the arrays have different numbers of samples: `x` has 5, `y` has 8",
        ),
        ({"x": X, "z": Y}, {}, "unknown-array: there is no array `y` in a.npz"),
        ({"x": X, "y": Y * 0}, {}, "single-class: every label is 0, so there is nothing to learn"),
        (
            {"x": X, "y": X[:, 0] * np.nan},
            {},
            "wrong-value: the target holds values that are not finite numbers",
        ),
        (
            {"x": np.array([{}] * 8, dtype=object), "y": Y},
            {},
            "unreadable-archive: a.npz cannot be read: it holds pickled Python objects, which "
            "could run code",
        ),
    ],
)
def test_what_is_wrong_is_said(
    arrays: dict[str, Any], arguments: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    assert refused(save(tmp_path, **arrays), npz(**arguments)) == [expected]


def test_values_that_are_not_finite_are_a_warning(tmp_path: Path) -> None:
    _, findings = opened(save(tmp_path, x=np.where(X == 5, np.nan, X), y=Y), npz())
    (only,) = findings
    assert only.message == "array `x` has 1 of 24 values that are not finite"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"hello", "unreadable-archive: a.npz cannot be read: it is no NumPy file"),
        (
            pickle.dumps({"x": 1}),
            "unreadable-archive: a.npz cannot be read: it holds pickled Python objects, which "
            "could run code",
        ),
    ],
)
def test_files_that_are_no_archives(content: bytes, expected: str, tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    assert expected in refused(tmp_path, npz())


def test_a_single_array_is_no_archive(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", X)
    (tmp_path / "a.npy").rename(tmp_path / "a.npz")
    assert "it holds a single array without a name" in refused(tmp_path, npz())[0]


@pytest.mark.parametrize("dtype", ["S1", "M8[D]", "c8"])
def test_types_that_no_model_takes(dtype: str, tmp_path: Path) -> None:
    root = save(tmp_path, x=np.zeros((8, 2), dtype), y=Y)
    assert refused(root, npz())[0].startswith("wrong-dtype: array `x` holds ")


def test_labels_of_huge_numbers_do_not_become_as_many_classes(tmp_path: Path) -> None:
    root = save(tmp_path, x=X, y=Y * 2**40)
    assert refused(root, npz())[0].startswith("too-many-classes: the largest label is 2,199,")


def test_new_arrays_must_have_the_trained_shape(tmp_path: Path) -> None:
    from modelforge.findings import Refused

    bundle, _ = opened(save(tmp_path, x=X, y=Y), npz())
    np.save(tmp_path / "new.npy", X[:2])
    assert np.array_equal(read_arrays(tmp_path / "new.npy", bundle.manifest)["input"], X[:2])
    np.save(tmp_path / "new.npy", X[:, :2])
    with pytest.raises(Refused, match=r"have shape \[2\], the model takes \[3\]"):
        read_arrays(tmp_path / "new.npy", bundle.manifest)


def test_a_download_that_fails_says_where_the_file_would_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    def fail(*_: Any) -> None:
        raise OSError("no network")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", fail)
    assert refused(tmp_path, section("KerasDataset", {"name": "mnist"})) == [
        "cannot-download: `mnist` is not in Keras's cache and cannot be downloaded"
    ]


def test_a_keras_dataset_is_read_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    images = np.zeros((20, 28, 28), np.uint8)
    labels = np.arange(20, dtype=np.uint8) % 10
    parts = ((images, labels), (images[:10], labels[:10]))
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: parts)
    bundle, _ = opened(tmp_path, section("KerasDataset", {"name": "mnist", "subset": "test"}))
    assert (bundle.train.size, bundle.facts["shape"]) == (10, [28, 28, 1])


@pytest.mark.parametrize(
    ("word", "arguments", "expected"),
    [
        (
            "ImageFolder",
            {"path": "a.npz"},
            "path-is-a-file: `a.npz` is a file; ImageFolder reads a folder",
        ),
        (
            "CSV",
            {"path": ".", "target": "x"},
            "path-is-a-folder: `.` is a folder; CSV reads a file",
        ),
        ("NPZ", {"path": "b.npz"}, "path-not-found: there is no file or folder `b.npz`"),
    ],
)
def test_paths(word: str, arguments: dict[str, Any], expected: str, tmp_path: Path) -> None:
    assert refused(save(tmp_path, x=X, y=Y), section(word, arguments)) == [expected]
