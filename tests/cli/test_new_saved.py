"""`modelforge new --finetune MODEL`: a saved model is cut below its head, and valid as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import pytest

from modelforge.cli.main import run
from modelforge.findings import Findings
from modelforge.graph import load

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x14\0\0\0\x14\x08\x02\0\0\0IEND"


@pytest.fixture(autouse=True)
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("cat", "dog"):
        folder = Path("photos", name)
        folder.mkdir(parents=True)
        for number in range(20):
            (folder / f"{number}.png").write_bytes(PNG)


def saved(name: str, *layers: Any, shape: tuple[int | None, ...] = (24, 32, 1)) -> None:
    keras.Sequential([keras.Input(shape), *layers]).save(name)


def finetuned(name: str) -> str:
    """The spec, which is valid."""
    assert run(["new", "mine", "--from", "photos", "--finetune", name]) == 0
    findings = Findings()
    assert load("mine.yaml", (), findings) and not len(findings), list(findings)
    return Path("mine.yaml").read_text(encoding="utf-8")


def conv(**arguments: Any) -> keras.layers.Layer:
    return keras.layers.Conv2D(4, 3, **arguments)


def test_it_is_cut_below_its_head() -> None:
    layers = keras.layers
    saved(
        "base.keras",
        layers.Rescaling(1 / 255),
        conv(),
        layers.GlobalAveragePooling2D(name="features"),
        layers.Dropout(0.3),
        layers.Dense(7),
        layers.Softmax(),
    )
    text = finetuned("base.keras")
    assert "- load: {path: base.keras, until: features}" in text
    assert "# its first layers rescale the pixels" in text
    assert "image_size: [24, 32]" in text and "color_mode: grayscale" in text
    assert "- GlobalAveragePooling2D" not in text


def test_a_convolution_that_tells_the_classes_is_a_head() -> None:
    layers = keras.layers
    saved(
        "base.keras",
        conv(activation="relu", name="last"),
        conv(name="classes"),
        layers.GlobalAveragePooling2D(),
        layers.Activation("softmax"),
        shape=(None, None, 3),
    )
    text = finetuned("base.keras")
    assert "until: last}" in text and "\n    - GlobalAveragePooling2D\n" in text
    assert "no layer of it rescales pixels" in text
    assert "image_size: [20, 20]" in text and "color_mode: rgb" in text


def test_a_model_without_a_head_is_taken_whole() -> None:
    saved("base.keras", conv(activation="relu"), keras.layers.GlobalAveragePooling2D())
    text = finetuned("base.keras")
    assert "- load: {path: base.keras}\n" in text
    assert "\n    - GlobalAveragePooling2D\n" not in text


def test_a_model_of_tables_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    saved("base.keras", keras.layers.Dense(3), shape=(5,))
    assert run(["new", "mine", "--from", "photos", "--finetune", "base.keras"]) == 1
    assert "error[no-image-model]: `base.keras` takes no images" in capsys.readouterr().err
    assert not Path("mine.yaml").exists()
