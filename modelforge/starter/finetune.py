"""A starter spec for a folder of images on a network that was trained before, in two phases."""

from __future__ import annotations

import os
from dataclasses import dataclass

from modelforge.catalog.own.backbones import BACKBONES, TOLD
from modelforge.findings import Findings, did_you_mean, listed, refuse
from modelforge.modelfile import Doubts, Layer, Structure, Tensor, inspect
from modelforge.modelfile.inspect import ModelFile
from modelforge.modelfile.old import OLD
from modelforge.starter.images import AUGMENT, Pictures
from modelforge.starter.text import SCHEMA_LINE, text

DEFAULT = "MobileNetV2"  # small, and good enough to begin with

# The features of ImageNet are of objects of a hundred pixels and more: small images are enlarged.
_SMALLEST, _LARGEST, _STEP = 96, 224, 32
_CHANNELS = {1: True, 3: False}  # whether images are read in grey

# What may stand between the layer that tells the classes and the answer of a network.
_BEHIND = frozenset(
    {
        *("Activation", "Softmax", "Dropout", "Flatten", "Reshape"),
        *("GlobalAveragePooling2D", "GlobalMaxPooling2D"),
    }
)
_TELLING = ("linear", "softmax", "sigmoid")  # activations of that layer; others are of features
_SCALING = frozenset({"Rescaling", "Normalization"})


@dataclass(frozen=True)
class Base:
    """The network that a spec builds on.

    item: the layer as the spec has it. size: [height, width] of the images that it takes; grey:
    whether in one channel. told: what becomes of the pixels. pooled: whether it gives numbers
    instead of maps.
    """

    item: str
    size: tuple[int, int]
    grey: bool
    told: str
    pooled: bool


def base(asked: str, written: str, found: Pictures) -> Base:
    """What `--finetune` asks for; Refused where it is no network for images.

    asked: the name of a network of keras.applications, or the path of a saved model or a run;
    written: that path as the spec is to say it.
    """
    if asked in BACKBONES:
        return _application(asked, found)
    if os.path.exists(asked) or os.sep in asked or asked.endswith((".keras", *OLD)):
        return _saved(asked, written, found)
    raise refuse(
        "unknown-backbone",
        f"`{asked}` is no network of `keras.applications`, and no file or folder",
        hint=did_you_mean(asked, BACKBONES),
        notes=(
            f"networks: {listed(BACKBONES, 60)}",
            "or the path of a `.keras` file or a run folder",
        ),
    )


def _application(name: str, found: Pictures) -> Base:
    height, width = (_rounded(side) for side in found.small(_LARGEST))
    item = f"{name}: {{weights: imagenet, include_top: false, pooling: avg}}"
    return Base(item, (height, width), False, TOLD[BACKBONES[name].preprocessing], True)


def _rounded(side: int) -> int:
    return max(_SMALLEST, min(_LARGEST, round(side / _STEP) * _STEP))


def _saved(path: str, written: str, found: Pictures) -> Base:
    findings = Findings()
    file = inspect(path, Doubts(path, findings))
    findings.stop_on_errors()
    assert file is not None
    (height, width, channels) = _entrance(file)
    last = _features(file.structure, path)
    until = "" if last is file.structure.layers[_output(file.structure, path).name] else last.name
    item = f"load: {{path: {text(written)}" + (f", until: {text(until)}}}" if until else "}")
    size = (height, width) if height and width else found.small(_LARGEST)
    scales = any(layer.class_name in _SCALING for layer in _every(file.structure))
    told = (
        "its first layers rescale the pixels"
        if scales
        else "no layer of it rescales pixels: they go in as 0 to 255"
    )
    return Base(item, size, _CHANNELS[channels], told, _is_pooled(last))


def _is_pooled(layer: Layer) -> bool:
    if layer.class_name.startswith("Global") or layer.class_name == "Flatten":
        return True
    return len(layer.shape or ()) == 2


def _entrance(file: ModelFile) -> tuple[int | None, int | None, int]:
    """[height, width, channels] of the images that a model takes."""
    inputs = file.structure.inputs
    shape = inputs[0].shape if len(inputs) == 1 else None
    if shape is not None and len(shape) == 4:
        height, width, channels = shape[1:]
        if channels in _CHANNELS:
            return height, width, channels
    takes = ", ".join(f"{it.name} {list(it.shape or ())}" for it in inputs)
    raise refuse(
        "no-image-model",
        f"`{file.path}` takes no images",
        notes=(
            f"it takes {takes}",
            "expected: [null, height, width, channels], of 1 or 3 channels",
        ),
    )


def _features(structure: Structure, path: str) -> Layer:
    """The layer below the one that tells the classes; the last one where none does."""
    last = telling = structure.layers[_output(structure, path).name]
    while telling.class_name in _BEHIND and len(telling.sources) == 1:
        telling = structure.layers[telling.sources[0]]
    if telling.class_name not in ("Dense", "Conv2D") or len(telling.sources) != 1:
        return last
    if telling.config.get("activation", "linear") not in _TELLING:
        return last
    features = structure.layers[telling.sources[0]]
    while features.class_name == "Dropout" and len(features.sources) == 1:
        features = structure.layers[features.sources[0]]
    return features


def _output(structure: Structure, path: str) -> Tensor:
    if len(structure.outputs) == 1:
        return structure.outputs[0]
    names = [tensor.name for tensor in structure.outputs]
    raise refuse(
        "several-outputs",
        f"`{path}` has {len(names)} outputs, and which of them leads to features is not known",
        notes=(
            f"they are {listed(names)}",
            "write the spec by hand: `load: {path: ..., until: LAYER}`",
        ),
    )


def _every(structure: Structure) -> list[Layer]:
    layers = list(structure.layers.values())
    return layers + [it for layer in layers if layer.inner for it in _every(layer.inner)]


def finetuned(network: Base, found: Pictures, name: str) -> str:
    """The spec."""
    pooling = "" if network.pooled else "    - GlobalAveragePooling2D\n"
    return f"""{SCHEMA_LINE}
# {found.count:,} images of {len(found.classes)} classes. Train with: modelforge train {name}.yaml
modelforge: 1
name: {text(name)}

{found.source(network.size, grey=network.grey)}{AUGMENT}
model:
  layers:
    - {network.item}
      name: backbone             # {network.told}
{pooling}    - Dropout: 0.3
    - Dense: {{units: "${{data.classes}}", activation: softmax}}

train:
  loss: SparseCategoricalCrossentropy
  metrics: [SparseCategoricalAccuracy]
  phases:
    - name: head                 # a new head learns on what the network knows already
      freeze: backbone
      optimizer: {{Adam: 1e-3}}
      epochs: 20
      callbacks:
        - EarlyStopping: {{monitor: val_loss, patience: 3}}
    - name: finetune             # then its upper half learns too, more carefully
      freeze: {{layers: backbone, first: 0.5}}
      optimizer: {{Adam: 1e-4}}
      epochs: 20
      callbacks:
        - EarlyStopping: {{monitor: val_loss, patience: 5}}

export:
  - SavedModel
"""
