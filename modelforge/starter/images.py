"""A starter spec for a folder of images: classes, size, channels and a network that suits them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from modelforge.findings import refuse
from modelforge.sniff.folder import ClassFolder, class_folders
from modelforge.sniff.image import Header, Unreadable, read_header
from modelforge.starter.text import SCHEMA_LINE, batch_size, text, texts

_LOOKED_AT = 400  # images whose headers are read; spread over all classes
_LARGEST = 160  # pixels a side; more would make the first training long


def from_images(folder: Path, written: str, name: str) -> str:
    """The spec; Refused where the folder holds no classes of images.

    written: the folder's path as the spec is to say it.
    """
    classes = [item for item in class_folders(folder) if item.images]
    if len(classes) < 2:
        raise refuse(
            "no-class-folders",
            f"{folder} has {len(classes)} folders with images, expected two or more",
            notes=("one folder for each class, such as cat/1.jpg and dog/2.jpg",),
        )
    headers, unreadable = _headers(folder, classes)
    if not headers:
        raise refuse("no-images", f"none of the images in {folder} can be read")
    size = _size(headers)
    grey = all(header.channels == 1 for header in headers)
    count = sum(len(item.images) for item in classes)
    return _text((name, written), classes, (size, grey, unreadable), batch_size(int(count * 0.8)))


def _headers(folder: Path, classes: Sequence[ClassFolder]) -> tuple[list[Header], bool]:
    headers, unreadable = [], False
    each = max(1, _LOOKED_AT // len(classes))
    for item in classes:
        step = max(1, len(item.images) // each)
        for image in item.images[::step]:
            try:
                headers.append(read_header(folder / image))
            except Unreadable:
                unreadable = True
    return headers, unreadable


def _size(headers: Sequence[Header]) -> tuple[int, int]:
    """[height, width]: the median, made smaller in proportion where it is large."""
    height = median(header.height for header in headers)
    width = median(header.width for header in headers)
    shrink = min(1.0, _LARGEST / max(height, width))
    return max(8, round(height * shrink)), max(8, round(width * shrink))


def _layers(size: tuple[int, int]) -> list[str]:
    lines = []
    side, filters = min(size), 32
    while side >= 8 and filters <= 256:
        lines += [
            f"- Conv2D: {{filters: {filters}, kernel_size: 3, padding: same, use_bias: false}}",
            "- BatchNormalization",
            "- Activation: relu",
            "- MaxPooling2D",
        ]
        side, filters = side // 2, filters * 2
    return lines


def _text(
    names: tuple[str, str],
    classes: Sequence[ClassFolder],
    found: tuple[tuple[int, int], bool, bool],
    batch: int,
) -> str:
    (name, written), (size, grey, unreadable) = names, found
    count = sum(len(item.images) for item in classes)
    skip = "      on_unreadable: skip      # some images cannot be read\n" if unreadable else ""
    layers = "\n".join(f"    {line}" for line in _layers(size))
    return f"""{SCHEMA_LINE}
# {count:,} images of {len(classes)} classes. Train with: modelforge train {name}.yaml
modelforge: 1
name: {text(name)}

data:
  train:
    ImageFolder:
      path: {text(written)}
      image_size: [{size[0]}, {size[1]}]     # height, width
      color_mode: {"grayscale" if grey else "rgb"}
      classes: {texts(item.name for item in classes)}
{skip}  validation: 0.2                # a share of train, stratified by class
  batch_size: {batch}
  augment:                       # in training only
    - RandomFlip: horizontal     # remove it where left and right matter
    - RandomTranslation: {{height_factor: 0.1, width_factor: 0.1}}

model:
  layers:
    - Rescaling: {{scale: "${{1 / 255}}"}}
{layers}
    - GlobalAveragePooling2D
    - Dropout: 0.3
    - Dense: {{units: "${{data.classes}}", activation: softmax}}

train:
  loss: SparseCategoricalCrossentropy
  optimizer: {{Adam: {{learning_rate: 1e-3}}}}
  metrics: [SparseCategoricalAccuracy]
  epochs: 20
  callbacks:
    - EarlyStopping: {{monitor: val_loss, patience: 5, restore_best_weights: true}}

export:
  - SavedModel
"""
