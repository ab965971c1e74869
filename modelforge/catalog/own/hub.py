"""`KerasHub`: the backbones of KerasHub's presets as layers of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelforge.catalog.own.backbones import UNTIL
from modelforge.catalog.word import Argument, Word

NAME = "KerasHub"
SCHEMES = ("kaggle://", "hf://")


def is_folder(preset: str) -> bool:
    """Whether a preset is a folder here: its path has a slash, and no scheme before it."""
    return "/" in preset and "://" not in preset


def is_loaded(arguments: Mapping[str, Any]) -> bool:
    """Whether the backbone comes with weights that were trained before."""
    return arguments.get("load_weights", True) is True


WORD = Word(
    name=NAME,
    kind="application",
    arguments=(
        Argument(
            "preset",
            types=("string",),
            required=True,
            documentation=(
                "The name of a preset (`resnet_18_imagenet`), a folder that `save_to_preset` wrote "
                "(`./my_resnet`: a path has a slash), `kaggle://USER/MODEL/keras/VARIANT`, or "
                "`hf://USER/MODEL`."
            ),
        ),
        Argument(
            "load_weights",
            types=("boolean",),
            default=True,
            keyword_only=True,
            documentation="`false` begins with random weights.",
        ),
        Argument(
            "preprocessing",
            types=("string",),
            choices=("auto", "none"),
            default="auto",
            keyword_only=True,
            documentation=(
                "What is done to pixels of 0 to 255 in front of the backbone, as a part of the "
                "model. `auto`: with weights, the scale and offset of the preset's "
                "`image_converter.json`; without, nothing. `none`: nothing."
            ),
        ),
        UNTIL,
    ),
    summary="The backbone of a KerasHub preset for images, with its weights and preprocessing.",
    documentation=(
        "Needs `pip install keras-hub`, for building alone: what is trained, saved and exported "
        "are layers of Keras. So it takes the backbones that are made of these: ResNet, VGG, "
        "DenseNet, EfficientNet, CSPNet, Xception. Images of any size go in; they are not resized "
        "to that of the preset. `until` takes names of layers, and the levels of a feature pyramid "
        "(`P3`).\n"
    ),
)
