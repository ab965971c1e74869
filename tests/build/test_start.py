"""`model.weights`, and `weights: FILE` of a network: what the layers of a spec start from."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from click.testing import Result

from modelforge.build import build_model
from modelforge.findings import Findings, Refused
from modelforge.findings.text import render
from modelforge.graph import load

ROWS = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
SPEC = """\
modelforge: 1
model:
  inputs: {row: {shape: [4]}}
  weights: %s
  layers:
    - model: {layers: [Dense: {units: 3, name: a}, BatchNormalization: {name: norm}]}
      name: encoder
    - Dense: 2
      name: head
"""


@pytest.fixture
def plain(tmp_path: Path) -> keras.Model:
    """The same model by Keras alone, saved in every format."""
    keras.backend.clear_session()
    inner = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(3, name="a"),
            keras.layers.BatchNormalization(name="norm"),
        ],
        name="encoder",
    )
    row = keras.Input((4,), name="row")
    model = keras.Model(row, keras.layers.Dense(2, name="head")(inner(row)))
    for weight in model.weights:
        weight.assign(np.random.default_rng(1).uniform(0.1, 0.5, weight.shape))
    model.save_weights(tmp_path / "w.weights.h5")
    model.save(tmp_path / "w.keras")
    model.save(tmp_path / "w.h5")
    return model


def built(folder: Path, text: str) -> tuple[Any, Findings]:
    path = folder / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    findings = Findings()
    loaded = load(str(path), (), findings)
    if loaded is None:
        raise Refused(list(findings))
    return build_model(loaded.graph, {}, "m", findings), findings


@pytest.mark.parametrize("name", ["w.weights.h5", "w.keras", "w.h5"])
def test_the_layers_of_a_spec_start_from_a_file(
    name: str, tmp_path: Path, plain: keras.Model
) -> None:
    model, findings = built(tmp_path, SPEC % name)
    np.testing.assert_allclose(model(ROWS), plain(ROWS), atol=1e-6)
    assert not findings


def test_a_model_that_is_frozen_reads_an_old_file_in_the_right_order(
    tmp_path: Path, plain: keras.Model
) -> None:
    text = SPEC % "w.h5"
    model, _ = built(tmp_path, text.replace("name: a}", "name: a, trainable: false}"))
    np.testing.assert_allclose(model(ROWS), plain(ROWS), atol=1e-6)
    layer = model.get_layer("encoder").get_layer("a")
    assert not layer.trainable and not layer.trainable_weights
    assert len(model.trainable_weights) == 4


def test_a_part_is_asked_for_and_told(tmp_path: Path, plain: keras.Model) -> None:
    text = (SPEC % "w.weights.h5").replace("Dense: 2", "Dense: 5")
    with pytest.raises(Refused) as refused:
        built(tmp_path, text)
    message = render(refused.value.findings)
    assert "spec.yaml:4:12" in message
    assert "head/kernel (3, 5) (in the file (3, 2))" in message
    model, findings = built(
        tmp_path, text.replace("w.weights.h5", "{from: w.weights.h5, partial: true}")
    )
    told = render(findings)
    assert "a part of the weights was read" in told
    assert "6 weights matched (read from the file)" in told
    assert "2 weights mismatched (of another shape in the file, left as they were)" in told
    kernel = model.get_layer("encoder").get_layer("a").kernel
    np.testing.assert_array_equal(kernel, plain.get_layer("encoder").get_layer("a").kernel)


def test_a_model_within_starts_from_a_file_of_its_own(tmp_path: Path, plain: keras.Model) -> None:
    encoder: Any = plain.get_layer("encoder")
    encoder.save_weights(tmp_path / "e.weights.h5")
    text = (SPEC % "null").replace("model: {layers", "model: {weights: e.weights.h5, layers")
    model, _ = built(tmp_path, text)
    np.testing.assert_allclose(model.get_layer("encoder")(ROWS), encoder(ROWS), atol=1e-6)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ("v.weights.h5", "did you mean `w.weights.h5`"),
        ("w.bin", "there is no such file"),
        ("{partial: true}", "from"),
        ("spec.yaml", "it is no `.keras` file"),
    ],
)
def test_what_cannot_hold_weights(
    weights: str, said: str, tmp_path: Path, plain: keras.Model
) -> None:
    with pytest.raises(Refused) as refused:
        built(tmp_path, SPEC % weights)
    message = render(refused.value.findings)
    assert said in message and "spec.yaml:4:" in message


@pytest.mark.parametrize("name", ["n.weights.h5", "n.h5", "n.keras"])
def test_a_network_with_weights_from_a_file(name: str, tmp_path: Path) -> None:
    keras.backend.clear_session()
    source = keras.applications.MobileNet(weights=None, alpha=0.25, include_top=False)
    path = tmp_path / name
    source.save_weights(path) if name.endswith(".weights.h5") else source.save(path)
    (tmp_path / "sub").mkdir()
    text = (
        "modelforge: 1\nmodel:\n  inputs: {image: {shape: [32, 32, 3]}}\n  layers:\n"
        f"    - MobileNet: {{weights: ../{name}, alpha: 0.25, include_top: false}}\n"
    )
    model, _ = built(tmp_path / "sub", text)
    layer = model.layers[-1]
    assert layer.get_layer("preprocessing")  # as with every weights that are given
    kernels = [it.get_layer("conv_pw_3").kernel for it in (layer, source)]
    np.testing.assert_array_equal(*kernels)
    with pytest.raises(Refused) as refused:
        built(tmp_path / "sub", text.replace("0.25", "0.5"))
    message = render(refused.value.findings)
    assert "spec.yaml:5:19" in message and "weights mismatched" in message


TRAINED = """\
modelforge: 1
name: fine
data: {train: Iris, validation: 0.2}
model:
  weights: {from: old, partial: true}
  layers:
    - Dense: {units: 4, name: hidden}
    - Dense: {units: "${data.classes}", activation: softmax, name: %s}
train: {loss: SparseCategoricalCrossentropy, epochs: 1}
"""


def test_a_run_starts_from_another_and_keeps_what_it_started_from(
    tmp_path: Path, modelforge_command: Callable[..., Result]
) -> None:
    first = tmp_path / "first.yaml"
    first.write_text(
        (TRAINED % "head").replace("  weights: {from: old, partial: true}\n", ""), encoding="utf-8"
    )
    result = modelforge_command("train", str(first), "--run", str(tmp_path / "old"))
    assert result.exit_code == 0, result.output
    second = tmp_path / "second.yaml"
    second.write_text(TRAINED % "other_head", encoding="utf-8")
    run = tmp_path / "new"
    result = modelforge_command("train", str(second), "--run", str(run))
    assert result.exit_code == 0, result.output
    assert "2 weights matched" in result.output
    shutil.rmtree(tmp_path / "old")
    result = modelforge_command("train", "--resume", str(run), "--set", "train.epochs=2")
    assert result.exit_code == 0, result.output
    result = modelforge_command("validate", str(run / "resolved.yaml"))
    assert result.exit_code == 0, result.output
    assert (run / "loaded" / "best.keras").exists()
