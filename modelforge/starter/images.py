"""A starter spec for a folder of images: classes, size, channels and a network that suits them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from modelforge.findings import counted, refuse
from modelforge.sniff.folder import ClassFolder, class_folders
from modelforge.sniff.image import Header, Unreadable, read_header
from modelforge.starter.text import SCHEMA_LINE, batch_size, text, texts

_LOOKED_AT = 400  # images whose headers are read; spread over all classes
_MANY = 500  # images of a class
_LARGEST = 160  # pixels a side; more would make the first training long

AUGMENT = """  augment:                       # in training only
    - RandomFlip: horizontal     # remove it where left and right matter
    - RandomTranslation: {height_factor: 0.1, width_factor: 0.1}
"""


@dataclass(frozen=True)
class Pictures:
    """What was found in a folder of images.

    written: its path as the spec is to say it. size: [height, width], the median of its images.
    unreadable: whether some of them cannot be read.
    """

    written: str
    classes: tuple[ClassFolder, ...]
    size: tuple[float, float]
    grey: bool
    unreadable: bool

    @property
    def count(self) -> int:
        """How many images there are."""
        return sum(len(item.images) for item in self.classes)

    @property
    def few(self) -> bool:
        """Whether a network that begins with random weights will learn little from them."""
        return self.count < _MANY * len(self.classes)

    def small(self, largest: int) -> tuple[int, int]:
        """The size, made smaller in proportion where a side is larger than that."""
        height, width = self.size
        shrink = min(1.0, largest / max(height, width))
        return max(8, round(height * shrink)), max(8, round(width * shrink))

    def source(self, size: tuple[int, int], *, grey: bool) -> str:
        """`data` up to the batch size; images are read in this size, [height, width]."""
        lines = [
            f"path: {text(self.written)}",
            f"image_size: [{size[0]}, {size[1]}]     # height, width",
            f"color_mode: {'grayscale' if grey else 'rgb'}",
            f"classes: {texts(item.name for item in self.classes)}",
        ]
        if self.unreadable:
            lines.append("on_unreadable: skip      # some images cannot be read")
        arguments = "\n".join(f"      {line}" for line in lines)
        return f"""data:
  train:
    ImageFolder:
{arguments}
  validation: 0.2                # a share of train, stratified by class
  batch_size: {batch_size(int(self.count * 0.8))}
"""


def pictures(folder: Path, written: str) -> Pictures:
    """What a folder of images holds; Refused where that is no classes of images.

    written: the folder's path as the spec is to say it.
    """
    classes = tuple(item for item in class_folders(folder) if item.images)
    if len(classes) < 2:
        raise refuse(
            "no-class-folders",
            f"{folder} has {counted(len(classes), 'folder')} with images, expected two or more",
            notes=("one folder for each class, such as cat/1.jpg and dog/2.jpg",),
        )
    headers, unreadable = _headers(folder, classes)
    if not headers:
        raise refuse("no-images", f"none of the images in {folder} can be read")
    size = (median(it.height for it in headers), median(it.width for it in headers))
    grey = all(header.channels == 1 for header in headers)
    return Pictures(written, classes, size, grey, unreadable)


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


def _layers(size: tuple[int, int]) -> list[str]:
    """The convolutions.

    With Keras's momentum of 0.99, batch normalization has the statistics of some hundred images
    after ten epochs only; until then validation tells nothing, and `EarlyStopping` gives up.
    """
    lines = []
    side, filters = min(size), 32
    while side >= 8 and filters <= 256:
        lines += [
            f"- Conv2D: {{filters: {filters}, kernel_size: 3, padding: same, use_bias: false}}",
            "- BatchNormalization: {momentum: 0.9}",
            "- Activation: relu",
            "- MaxPooling2D",
        ]
        side, filters = side // 2, filters * 2
    return lines


def from_images(found: Pictures, name: str) -> str:
    """The spec of a network that begins with random weights."""
    size = found.small(_LARGEST)
    layers = "\n".join(f"    {line}" for line in _layers(size))
    return f"""{SCHEMA_LINE}
# {found.count:,} images of {len(found.classes)} classes. Train with: modelforge train {name}.yaml
modelforge: 1
name: {text(name)}

{found.source(size, grey=found.grey)}{AUGMENT}
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
  epochs: 40
  callbacks:
    - EarlyStopping: {{monitor: val_loss, patience: 8, restore_best_weights: true}}

export:
  - SavedModel
"""
