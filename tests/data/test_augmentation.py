"""`augment`: every image layer of Keras works, in training only; what cannot work is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from modelforge.data import open_data
from modelforge.findings import Findings, Refused

from .conftest import everything, opened, section, write_image

FOLDER = "keras.src.layers.preprocessing.image_preprocessing"
# Arguments where a layer needs some, or does nothing without.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "CenterCrop": {"height": 8, "width": 8},
    "MaxNumBoundingBoxes": {"max_number": 3},
    "RandomBrightness": {"factor": 0.2},
    "RandomColorDegeneration": {"factor": 0.5},
    "RandomColorJitter": {"brightness_factor": 0.2},
    "RandomContrast": {"factor": 0.2},
    "RandomCrop": {"height": 8, "width": 8},
    "RandomElasticTransform": {"factor": 1.0, "scale": 1.0},
    "RandomGrayscale": {"factor": 0.5},
    "RandomHue": {"factor": 0.3},
    "RandomPosterization": {"factor": 4},
    "RandomRotation": {"factor": 0.1},
    "RandomSaturation": {"factor": 0.3},
    "RandomSharpness": {"factor": 0.5},
    "RandomShear": {"x_factor": 0.1, "y_factor": 0.1},
    "RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1},
    "RandomZoom": {"height_factor": 0.2},
    "Resizing": {"height": 8, "width": 8},
}
# They change nothing where the size is already right, or where there are no boxes.
NEUTRAL = {"CenterCrop", "MaxNumBoundingBoxes", "RandomCrop", "Resizing"}
IMAGE_LAYERS = sorted(
    name
    for name, found in vars(keras.layers).items()
    if isinstance(found, type) and found.__module__.startswith(FOLDER)
)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pictures")
    random = np.random.default_rng(0)
    for number in range(16):
        pixels = random.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        write_image(root / "images" / "ab"[number % 2] / f"{number}.png", pixels)
    return root


def data(**changed: Any) -> Any:
    given = {"validation": 0.25, "batch_size": 4, **changed}
    return section("ImageFolder", {"path": "images"}, **given)


@pytest.mark.parametrize("name", [n for n in IMAGE_LAYERS if n not in ("MixUp", "CutMix")])
def test_every_image_layer_augments_training_only(name: str, pictures: Path) -> None:
    def layer() -> Any:
        return getattr(keras.layers, name)(**ARGUMENTS.get(name, {}))

    plain, _ = opened(pictures, data())
    bundle, _ = opened(pictures, data(), augment=[layer()])
    again, _ = opened(pictures, data(), augment=[layer()])
    changed, labels = everything(bundle.train)
    untouched, same_labels = everything(plain.train)
    assert changed.shape == untouched.shape
    assert np.array_equal(labels, same_labels)
    assert np.array_equal(changed, untouched) == (name in NEUTRAL)
    assert np.array_equal(changed, everything(again.train)[0])
    assert np.array_equal(everything(bundle.validation)[0], everything(plain.validation)[0])


@pytest.mark.parametrize(
    ("layer", "rule"),
    [
        (lambda: keras.layers.MixUp(), "augment-mixes-labels"),
        (lambda: keras.layers.CutMix(), "augment-mixes-labels"),
        (lambda: keras.layers.Concatenate(), "augment-refused"),
        (lambda: keras.layers.Add(), "augment-refused"),
        (lambda: keras.layers.MultiHeadAttention(1, 2), "augment-refused"),
        (lambda: keras.layers.Dense(3), "augment-learns"),
        (lambda: keras.layers.BatchNormalization(), "augment-learns"),
        (lambda: keras.layers.Normalization(), "augment-learns"),
        (lambda: keras.layers.Resizing(4, 4), "augment-changes-shape"),
        (lambda: keras.layers.Flatten(), "augment-changes-shape"),
    ],
)
def test_what_cannot_augment_is_refused(layer: Any, rule: str, pictures: Path) -> None:
    with pytest.raises(Refused) as caught:
        open_data(data(), pictures, Findings(), [layer()])
    assert [found.rule for found in caught.value.findings] == [rule]


def test_mixed_labels_are_explained(pictures: Path) -> None:
    with pytest.raises(Refused) as caught:
        open_data(data(), pictures, Findings(), [keras.layers.MixUp()])
    (found,) = caught.value.findings
    assert found.message == (
        "`MixUp` mixes images of several classes, and `augment` does not mix their labels"
    )


def test_classes_are_counted_in_the_training_share(pictures: Path) -> None:
    bundle, _ = opened(pictures, data())
    labels = everything(bundle.train)[1]
    assert bundle.facts["class_counts"] == np.bincount(labels).tolist() == [6, 6]


def test_what_comes_of_a_sample_depends_on_epoch_and_sample_alone(pictures: Path) -> None:
    def epoch(number: int, batch_size: int, by: str = "sample") -> dict[bytes, bytes]:
        plain, _ = opened(pictures, data(batch_size=batch_size))
        changed = data(batch_size=batch_size, augment_by=by)
        bundle, _ = opened(pictures, changed, augment=[keras.layers.RandomTranslation(0.3, 0.3)])
        pairs = zip(plain.train.batches(number), bundle.train.batches(number), strict=True)
        return {
            before.tobytes(): after.tobytes()
            for (befores, *_), (afters, *_) in pairs
            for before, after in zip(befores.numpy(), afters.numpy(), strict=True)
        }

    assert epoch(0, 4) == epoch(0, 5) == epoch(0, 12)
    assert epoch(0, 4) != epoch(1, 4)
    assert len(set(epoch(0, 4).values())) == 12
    assert epoch(0, 4, "batch") != epoch(0, 5, "batch")
    assert epoch(0, 4, "batch") == epoch(0, 4, "batch")
