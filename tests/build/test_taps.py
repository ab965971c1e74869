"""Several layers of one backbone feed several heads: `until` with a list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from modelforge.build import build_model
from modelforge.findings import Findings, Refused
from modelforge.findings.text import render
from modelforge.graph import load

IMAGES = np.random.default_rng(3).uniform(0, 255, (2, 32, 32, 3)).astype("float32")
HEAD = "modelforge: 1\nmodel:\n  inputs: {image: {shape: [32, 32, 3]}}\n  layers:\n"
HEADS = """\
    - GlobalAveragePooling2D
      name: low
      from: eye.%s
    - GlobalAveragePooling2D
      name: high
      from: eye.1
  outputs: [low, high]
""".replace("Pooling2D\n", "Pooling2D:\n")


def built(folder: Path, text: str) -> Any:
    path = folder / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    findings = Findings()
    loaded = load(str(path), (), findings)
    if loaded is None:
        raise Refused(list(findings))
    return build_model(loaded.graph, {}, "m", findings)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(Refused) as refused:
        built(folder, text)
    return render(refused.value.findings)


NETWORK = (
    "MobileNet: {weights: null, alpha: 0.25, include_top: false, preprocessing: tf, until: %s}"
)
TAPS = "[conv_pw_3_relu, conv_pw_13_relu]"


@pytest.mark.parametrize("first", ["0", "conv_pw_3_relu"])
def test_of_a_network(first: str, tmp_path: Path) -> None:
    text = f"{HEAD}    - {NETWORK % TAPS}\n      name: eye\n{HEADS % first}"
    model = built(tmp_path, text)
    eye = model.get_layer("eye")
    assert [tuple(output.shape) for output in eye.outputs] == [(None, 8, 8, 32), (None, 1, 1, 256)]
    low, high = eye(IMAGES)
    found = model(IMAGES)
    np.testing.assert_allclose(found[0], np.mean(low, (1, 2)), rtol=1e-5)
    np.testing.assert_allclose(found[1], np.mean(high, (1, 2)), rtol=1e-5)
    assert "preprocessing" in {layer.name for layer in eye.layers}


def test_one_layer_cuts_the_network(tmp_path: Path) -> None:
    model = built(tmp_path, f"{HEAD}    - {NETWORK % 'conv_pw_2_relu'}\n      name: eye\n")
    assert model.output_shape == (None, 8, 8, 32)
    assert model.get_layer("eye").layers[-1].name == "conv_pw_2_relu"


def test_what_no_network_has(tmp_path: Path) -> None:
    message = refusal(tmp_path, f"{HEAD}    - {NETWORK % 'conv_pw_2_rel'}\n      name: eye\n")
    assert "`MobileNet` has no layer `conv_pw_2_rel`" in message
    assert "did you mean `conv_pw_2_relu`" in message
    assert "spec.yaml:5:" in message
    whole = f"{HEAD}    - {NETWORK % TAPS}\n      name: eye\n    - Flatten\n"
    assert "has 2 outputs" in refusal(tmp_path, whole)
    third = f"{HEAD}    - {NETWORK % TAPS}\n      name: eye\n{HEADS % 2}"
    assert "no `eye.2`" in refusal(tmp_path, third)


@pytest.fixture
def saved(tmp_path: Path) -> keras.Model:
    """`saved.keras` and `saved.h5`: layers outside and layers in a model within."""
    keras.backend.clear_session()
    layers = keras.layers
    inner = keras.Sequential(
        [
            keras.Input((32, 32, 4)),
            layers.Conv2D(3, 3, strides=2, name="a"),
            layers.Conv2D(5, 3, strides=2, name="b"),
            layers.Conv2D(6, 3, name="c"),
        ],
        name="body",
    )
    image = keras.Input((32, 32, 3), name="image")
    stem = layers.Conv2D(4, 1, name="stem")(image)
    top = layers.GlobalMaxPooling2D(name="pool")(inner(stem))
    model = keras.Model(image, layers.Dense(2, name="head")(top))
    model.save(tmp_path / "saved.keras")
    model.save(tmp_path / "saved.h5")
    return model


@pytest.mark.parametrize("file", ["saved.keras", "saved.h5"])
def test_of_a_saved_model(file: str, tmp_path: Path, saved: keras.Model) -> None:
    item = f"    - load: {{path: {file}, until: [body.a, body.b]}}\n      name: eye\n"
    model = built(tmp_path, HEAD + item + HEADS % "a")
    body: Any = saved.get_layer("body")
    given = saved.get_layer("stem")(IMAGES)
    low = body.get_layer("a")(given)
    high = body.get_layer("b")(low)
    found = model(IMAGES)
    np.testing.assert_allclose(found[0], np.mean(low, (1, 2)), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(found[1], np.mean(high, (1, 2)), rtol=1e-4, atol=1e-4)
    names = {layer.name for layer in model.get_layer("eye").layers}
    assert "head" not in names


def test_of_the_outermost_model(tmp_path: Path, saved: keras.Model) -> None:
    item = "    - load: {path: saved.keras, until: [stem, body]}\n      name: eye\n"
    model = built(tmp_path, HEAD + item + HEADS % "stem")
    expected = np.mean(saved.get_layer("stem")(IMAGES), (1, 2))
    np.testing.assert_allclose(model(IMAGES)[0], expected, rtol=1e-4, atol=1e-4)


def test_what_cannot_be_tapped(tmp_path: Path, saved: keras.Model) -> None:
    text = HEAD + "    - load: {path: saved.keras, until: %s}\n      name: eye\n" + HEADS % 0
    assert "in different models" in refusal(tmp_path, text % "[stem, body.a]")
    message = refusal(tmp_path, text % "[stem, bod]")
    assert "no layer `bod`" in message and "spec.yaml:5:40" in message
