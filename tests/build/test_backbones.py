"""The networks of keras.applications in a model: what is done to the pixels in front of them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import keras
import numpy as np
import pytest
from click.testing import Result

from modelforge.build import build_model
from modelforge.build.applications import preprocess
from modelforge.catalog import load_catalog
from modelforge.catalog.own.backbones import BACKBONES, preprocessing_of
from modelforge.findings import Findings, Refused
from modelforge.findings.text import render
from modelforge.graph import Loaded, load
from modelforge.loading import load_model

IMAGES = np.random.default_rng(3).uniform(0, 255, (2, 32, 32, 3)).astype("float32")
HEAD = "modelforge: 1\nmodel:\n  inputs: {image: {shape: [32, 32, 3]}}\n  layers:\n"


def read(folder: Path, *layers: str, head: str = HEAD) -> tuple[Loaded | None, Findings]:
    path = folder / "spec.yaml"
    path.write_text(head + "".join(f"    - {layer}\n" for layer in layers), encoding="utf-8")
    findings = Findings()
    return load(str(path), (), findings), findings


def built(folder: Path, *layers: str, head: str = HEAD) -> Any:
    loaded, findings = read(folder, *layers, head=head)
    assert loaded is not None, render(findings)
    return build_model(loaded.graph, {}, "m")


def test_the_table_has_every_application() -> None:
    assert set(BACKBONES) == {*load_catalog().words("application")} - {"KerasHub"}


@pytest.mark.parametrize("name", BACKBONES)
def test_preprocessing_is_that_of_the_family(name: str) -> None:
    family = getattr(keras.applications, BACKBONES[name].family)
    expected = family.preprocess_input(IMAGES.copy())
    bound = preprocessing_of(name, {"weights": "imagenet"})
    if bound == "model":
        np.testing.assert_array_equal(expected, IMAGES)
    else:
        np.testing.assert_allclose(preprocess(IMAGES, bound), expected, rtol=1e-5, atol=2e-5)
    assert preprocessing_of(name, {}) == bound  # Keras's own default are the weights of ImageNet
    assert preprocessing_of(name, {"weights": None}) == ("model" if bound == "model" else "none")
    assert preprocessing_of(name, {"weights": None, "preprocessing": "torch"}) == "torch"


@pytest.mark.parametrize(
    ("name", "options", "mode"),
    [
        ("VGG16", "", "caffe"),
        ("MobileNetV2", ", alpha: 0.35", "tf"),
        ("MobileNet", ", alpha: 0.25", "torch"),
    ],
)
def test_a_network_with_its_preprocessing_in_front(
    name: str, options: str, mode: str, tmp_path: Path
) -> None:
    word = f"{name}: {{weights: null, include_top: false, pooling: avg{options}"
    model = built(tmp_path, f"{word}, preprocessing: {mode}}}")
    plain = built(tmp_path, f"{word}}}")
    plain.set_weights(model.get_weights())
    pixels = keras.applications.imagenet_utils.preprocess_input(IMAGES.copy(), mode=mode)
    expected = plain.predict(pixels, verbose=0)
    scale = np.abs(expected).max()  # without training, numbers fade from layer to layer
    np.testing.assert_allclose(
        model.predict(IMAGES, verbose=0) / scale, expected / scale, atol=1e-3
    )
    assert np.abs(plain.predict(IMAGES, verbose=0) - expected).max() > 0.01 * scale

    path = tmp_path / "model.keras"
    model.save(path)
    again = load_model(str(path))
    np.testing.assert_array_equal(again(IMAGES), model(IMAGES))


def test_the_preprocessing_of_a_network_within_another_layer(tmp_path: Path) -> None:
    head = HEAD.replace("[32, 32, 3]", "[2, 32, 32, 3]")
    inner = "{MobileNet: {weights: null, alpha: 0.25, include_top: false, pooling: max%s}}"
    model = built(
        tmp_path, f"TimeDistributed: {{layer: {inner % ', preprocessing: tf'}}}", head=head
    )
    plain = built(tmp_path, f"TimeDistributed: {{layer: {inner % ''}}}", head=head)
    plain.set_weights(model.get_weights())
    found, expected = np.asarray(model(IMAGES[None])), plain(IMAGES[None] / 127.5 - 1)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found / scale, expected / scale, atol=1e-3)


def test_half_precision_keeps_the_pixels_apart(tmp_path: Path) -> None:
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = built(
            tmp_path,
            "MobileNet: {weights: null, alpha: 0.25, include_top: false, preprocessing: tf}",
        )
    finally:
        keras.config.set_dtype_policy("float32")
    layer = model.layers[-1].get_layer("preprocessing")
    assert layer.compute_dtype == "float32"
    assert model.layers[-1].get_layer("conv1").compute_dtype == "bfloat16"


def test_grey_images_of_any_size_go_into_a_network_without_weights(tmp_path: Path) -> None:
    head = HEAD.replace("[32, 32, 3]", "[40, 36, 1]")
    model = built(tmp_path, "MobileNet: {weights: null, alpha: 0.25}", head=head)
    assert model.output_shape == (None, 1000)
    assert model.layers[-1].input_shape == (None, 40, 36, 1)


def test_a_network_that_is_used_again_takes_another_size(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(
        "modelforge: 1\nmodel:\n  inputs:\n    small: {shape: [32, 32, 3]}\n"
        "    large: {shape: [64, 48, 3]}\n  layers:\n"
        "    - MobileNet: {weights: null, alpha: 0.25, include_top: false, pooling: avg}\n"
        "      name: eye\n      from: small\n"
        "    - use: eye\n      name: again\n      from: large\n"
        "    - Add\n      from: [eye, again]\n".replace("- Add\n", "- Add:\n"),
        encoding="utf-8",
    )
    findings = Findings()
    loaded = load(str(path), (), findings)
    assert loaded is not None, render(findings)
    assert build_model(loaded.graph, {}, "m").output_shape == (None, 256)


def refused(folder: Path, *layers: str, head: str = HEAD) -> str:
    loaded, findings = read(folder, *layers, head=head)
    assert loaded is None
    return render(findings)


SHAPE = "{image: {shape: [32, 32, 3]}}"


@pytest.mark.parametrize(
    ("layers", "shape", "said"),
    [
        (["VGG16: {include_top: false}"], "[32, 32, 1]", "take 3 channels, and the input has 1"),
        (["VGG16: {include_top: false}"], "[32, 32, 1]", "color_mode: rgb"),
        (["VGG16: {include_top: false}"], "[32, 32, 4]", "`weights: null`"),
        (["Xception: {weights: null, include_top: false}"], "[64, 64, 3]", "at least 71 x 71"),
        (["ResNet50"], "[200, 200, 3]", "for images of 224 pixels"),
        (["MobileNetV2"], "[100, 100, 3]", "96 or 128 or 160 or 192 or 224"),
        (["VGG16: {classes: 5}"], "[224, 224, 3]", "spec.yaml:5:15"),
        (["VGG16: {classes: 5}"], "[224, 224, 3]", "tells 1000 classes, not 5"),
        (["VGG16: {classifier_activation: relu}"], "[224, 224, 3]", "`softmax` or null"),
        (["MobileNet: {alpha: 0.3, include_top: false}"], "[64, 64, 3]", "`alpha: 0.3`"),
        (["VGG16: {weights: image_net}"], "[224, 224, 3]", "did you mean `imagenet`"),
        (["VGG16: {weights: notop.h5}"], "[224, 224, 3]", "there is no file"),
        (
            ["VGG16: {weights: null, include_top: false, preprocessing: caffe}"],
            "[32, 32, 1]",
            "takes 3 channels",
        ),
        (
            ["Rescaling: {scale: 0.0039}", "RandomFlip", "VGG16: {include_top: false}"],
            "[32, 32, 3]",
            "`rescaling` (Rescaling) rescales the pixels, and `VGG16` does so again",
        ),
        (
            ["Rescaling: {scale: 0.0039}", "EfficientNetB0: {weights: null, include_top: false}"],
            "[32, 32, 3]",
            "takes pixels of 0 to 255, its first layers rescale them",
        ),
        (
            ["EfficientNetB0: {include_top: false, preprocessing: tf}"],
            "[32, 32, 3]",
            "`preprocessing: tf` would do it twice",
        ),
        (
            ["ConvNeXtTiny: {include_top: false, preprocessing: torch}"],
            "[32, 32, 3]",
            "or add `include_preprocessing: false`",
        ),
        (
            ["VGG16: {weights: null, include_top: false, pooling: avg}", "Conv2D: [3, 3]"],
            "[32, 32, 3]",
            "Conv2D",
        ),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_loaded(
    layers: list[str], shape: str, said: str, tmp_path: Path
) -> None:
    message = refused(tmp_path, *layers, head=HEAD.replace("[32, 32, 3]", shape))
    assert said in message


@pytest.mark.parametrize(
    "layers",
    [
        ["Rescaling: {scale: 255}", "VGG16: {include_top: false}"],
        ["Rescaling: {scale: 0.0039}", "VGG16: {include_top: false, preprocessing: none}"],
        ["Rescaling: {scale: 0.0039}", "VGG16: {weights: null, include_top: false}"],
        ["Rescaling: {scale: 0.0039}", "VGG16: {include_top: false, preprocessing: tf}"],
        # What a layer has learned in between is of another range.
        ["Rescaling: {scale: 0.0039}", "Dense: 3", "VGG16: {include_top: false}"],
    ],
)
def test_pixels_that_are_rescaled_once_are_fine(layers: list[str], tmp_path: Path) -> None:
    loaded, findings = read(tmp_path, *layers)
    assert loaded is not None, render(findings)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("VGG16", "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        ("EfficientNetV2B0", "efficientnetv2-b0_notop.h5"),  # Keras makes it of the model's name
    ],
)
def test_offline_the_error_says_what_is_missing_and_what_to_do(
    name: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blocked(*arguments: object, **options: object) -> NoReturn:
        raise OSError("the network is blocked")

    monkeypatch.setattr(socket.socket, "connect", blocked)
    monkeypatch.setattr(socket, "getaddrinfo", blocked)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("https_proxy", raising=False)
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    os.makedirs(tmp_path / "cache")
    started = time.monotonic()
    with pytest.raises(Refused) as refusal:
        built(tmp_path, f"{name}: {{include_top: false}}\n      name: eye")
    assert time.monotonic() - started < 60
    message = render(refusal.value.findings)
    assert f"`{file}` is missing" in message
    assert str(tmp_path / "cache" / "models") in message or "/.keras/models" in message
    assert f"`weights: {file}`" in message
    assert "`weights: null`" in message
    assert "https://" not in message
    assert "spec.yaml:5" in message
    assert socket.getdefaulttimeout() is None


CACHED = """\
import sys
import keras, numpy as np
from modelforge.build import build_model
from modelforge.findings import Findings
from modelforge.graph import load

source = keras.applications.MobileNet(
    weights=None, alpha=0.25, include_top=False, input_shape=(128, 128, 3)
)
place = f"{sys.argv[1]}/models/mobilenet_2_5_128_tf_no_top.h5"
source.save(place)  # Keras knows no checksum of this one
loaded = load(sys.argv[2], (), Findings())
model = build_model(loaded.graph, {}, "m")
images = np.random.default_rng(0).uniform(0, 255, (1, 128, 128, 3)).astype("float32")
expected = source(keras.applications.mobilenet.preprocess_input(images.copy()))
found = model(images)
scale = float(keras.ops.max(keras.ops.abs(expected)))
assert scale > 0 and float(keras.ops.max(keras.ops.abs(found - expected))) < 1e-3 * scale
"""


@pytest.mark.slow
def test_a_file_in_the_cache_is_read_without_a_network(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    spec = tmp_path / "spec.yaml"
    spec.write_text(
        HEAD.replace("32, 32", "128, 128")
        + "    - MobileNet: {alpha: 0.25, include_top: false}\n      name: eye\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-c", CACHED, str(tmp_path), str(spec)],
        env={**os.environ, "KERAS_HOME": str(tmp_path), "https_proxy": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_show_tells_what_is_done_to_the_pixels(
    tmp_path: Path, modelforge_command: Callable[..., Result]
) -> None:
    path = tmp_path / "spec.yaml"
    word = "MobileNet: {weights: null, alpha: 0.25, include_top: false, preprocessing: torch}"
    path.write_text(f"{HEAD}    - {word}\n      name: eye\n", encoding="utf-8")
    shown = modelforge_command("show", path)
    assert "eye: its preprocessing (torch): RGB of 0 to 255 is normalized" in shown.stdout
    rows = json.loads(modelforge_command("show", path, "--json").stdout)
    assert rows[0]["preprocessing"] == "torch"
