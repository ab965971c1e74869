"""The bundled sets are scikit-learn's, bit by bit, and small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn import datasets

from modelforge.data.sources.bundled import FILES, FOLDER

from .conftest import everything, opened, section

LOADERS = {
    "Digits": "load_digits",
    "Iris": "load_iris",
    "Wine": "load_wine",
    "BreastCancer": "load_breast_cancer",
    "Diabetes": "load_diabetes",
}


@pytest.mark.parametrize("name", LOADERS)
def test_equals_scikit_learns_copy(name: str, tmp_path: Path) -> None:
    expected = getattr(datasets, LOADERS[name])()
    bundle, findings = opened(tmp_path, section(name, shuffle=False, batch_size="all"))
    inputs, targets = everything(bundle.train)
    images = expected.images[..., np.newaxis] if name == "Digits" else expected.data
    assert np.array_equal(inputs, images.astype(np.float32))
    assert np.array_equal(targets.ravel(), expected.target.astype(targets.dtype))
    assert not len(findings)
    if name != "Diabetes":
        names = [str(label) for label in expected.target_names]
        assert bundle.facts["class_names"] == names
        assert bundle.facts["classes"] == len(names)


def test_digits_are_images_of_raw_values(tmp_path: Path) -> None:
    bundle, _ = opened(tmp_path, section("Digits"))
    inputs, targets = everything(bundle.train)
    assert inputs.shape == (1797, 8, 8, 1)
    assert (inputs.min(), inputs.max(), inputs.dtype) == (0, 16, np.float32)
    assert sorted(set(targets.tolist())) == list(range(10))


def test_they_stay_small() -> None:
    assert sum((FOLDER / file).stat().st_size for file in FILES.values()) < 130_000


def test_regression_and_binary_say_so(tmp_path: Path) -> None:
    assert opened(tmp_path, section("Diabetes"))[0].target == "number"
    assert opened(tmp_path, section("BreastCancer"))[0].target == "binary"
    assert opened(tmp_path, section("Iris"))[0].target == "classes"
