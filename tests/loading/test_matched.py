"""Weights from a file into a model: by name and shape, with a report that is right."""

from __future__ import annotations

from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from modelforge.findings import Refused
from modelforge.findings.text import render
from modelforge.loading.matched import load_weights

layers = keras.layers
ROWS = np.random.default_rng(0).normal(size=(5, 8)).astype("float32")


def model(*, units: int = 6, last: str = "head", inner: str = "encoder") -> keras.Model:
    keras.backend.clear_session()
    within = keras.Sequential(
        [keras.Input((units,)), layers.Dense(5, name="a"), layers.BatchNormalization(name="norm")],
        name=inner,
    )
    row = keras.Input((8,), name="row")
    found = layers.Dropout(0.5)(layers.Dense(units, name="first")(row))
    found = layers.Reshape((5, 1))(within(found))
    found = layers.Bidirectional(layers.GRU(3), name="both")(found)
    made = keras.Model(row, layers.Dense(2, name=last)(found))
    for weight in made.weights:
        if weight.dtype == "float32":
            weight.assign(np.random.default_rng(units).uniform(0.1, 0.5, weight.shape))
    return made


def other() -> keras.Model:
    """The same layers with other numbers."""
    made = model()
    for weight in made.weights:
        if weight.dtype == "float32":
            weight.assign(weight + 1.0)
    return made


FILES = ["w.weights.h5", "w.keras", "w.h5"]


def saved(made: keras.Model, path: Path) -> str:
    if path.name.endswith(".weights.h5"):
        made.save_weights(path)
    else:
        made.save(path)
    return str(path)


@pytest.mark.parametrize("name", FILES)
def test_all_weights_are_read(name: str, tmp_path: Path) -> None:
    first, second = model(), other()
    path = saved(first, tmp_path / name)
    assert not np.allclose(first(ROWS), second(ROWS))
    report = load_weights(second, path)
    np.testing.assert_array_equal(first(ROWS), second(ROWS))
    assert report.whole
    assert len(report.matched) == 16
    assert {"first/kernel", "head/bias"} <= set(report.matched)


@pytest.mark.parametrize("name", FILES)
def test_what_does_not_match_is_refused_and_named(name: str, tmp_path: Path) -> None:
    path = saved(model(units=7, last="old_head"), tmp_path / name)
    made = model()
    before = made.get_weights()
    with pytest.raises(Refused) as refused:
        load_weights(made, path)
    message = render(refused.value.findings)
    assert "are not those of the model" in message
    assert (
        "2 weights missing (not in the file, left as they were): head/kernel, head/bias" in message
    )
    assert "2 weights unexpected (in the file, and nowhere in the model): old_head/" in message
    assert "3 weights mismatched" in message
    assert "first/kernel (8, 6) (in the file (8, 7))" in message
    assert "encoder/a/kernel (6, 5) (in the file (7, 5))" in message
    assert "`partial: true` reads those that match" in message
    for old, new in zip(before, made.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("name", FILES)
def test_a_part_is_read_where_it_is_asked_for(name: str, tmp_path: Path) -> None:
    source = model(units=7, last="old_head")
    path = saved(source, tmp_path / name)
    made = other()
    kept = made.get_layer("first").get_weights()
    report = load_weights(made, path, partial=True)
    assert len(report.matched) == 11
    assert set(report.missing) == {"head/kernel", "head/bias"}
    for old, new in zip(kept, made.get_layer("first").get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    for old, new in zip(
        source.get_layer("both").get_weights(), made.get_layer("both").get_weights(), strict=True
    ):
        np.testing.assert_array_equal(old, new)


def test_nothing_that_fits_is_an_error_even_for_a_part(tmp_path: Path) -> None:
    plain = keras.Sequential([keras.Input((8,)), layers.Dense(3, name="elsewhere")])
    path = saved(plain, tmp_path / "w.weights.h5")
    with pytest.raises(Refused) as refused:
        load_weights(model(), path, partial=True)
    assert "no weight in" in render(refused.value.findings)


def test_numbers_that_are_none(tmp_path: Path) -> None:
    made = model()
    made.get_layer("head").kernel.assign(np.full((6, 2), np.nan))
    path = saved(made, tmp_path / "w.weights.h5")
    with pytest.raises(Refused) as refused:
        load_weights(other(), path)
    assert "`head/kernel` hold numbers that are not finite" in render(refused.value.findings)


def test_links_are_not_followed(tmp_path: Path) -> None:
    path = saved(model(), tmp_path / "w.weights.h5")
    with h5py.File(path, "r+") as file:
        file["layers/elsewhere"] = h5py.ExternalLink("/etc/hostname", "/")
    with pytest.raises(Refused) as refused:
        load_weights(other(), path)
    assert "are a link to `/etc/hostname`" in render(refused.value.findings)


def test_a_file_that_is_no_hdf5(tmp_path: Path) -> None:
    path = tmp_path / "w.weights.h5"
    path.write_text("no weights", encoding="utf-8")
    with pytest.raises(Refused) as refused:
        load_weights(model(), str(path))
    assert "its weights are damaged" in render(refused.value.findings)
