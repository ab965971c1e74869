"""What the networks of `keras.applications` expect of an image, and which word binds it to them.

Keras keeps this in code (`preprocess_input` of each family, and checks in the constructors); a
test compares every row with the installed Keras.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from modelforge.catalog.word import Argument

# How pixels of 0 to 255 are changed in front of a network; `model`: the network does it itself;
# `preset`: as the preset of KerasHub says that it comes from.
Preprocessing = Literal["none", "tf", "caffe", "torch", "model", "preset"]

TOLD: Mapping[str, str] = {
    "none": "no preprocessing: the pixels go in as they are",
    "tf": "its preprocessing (tf): pixels of 0 to 255 become -1 to 1",
    "caffe": "its preprocessing (caffe): RGB of 0 to 255 becomes BGR, less the mean of ImageNet",
    "torch": (
        "its preprocessing (torch): RGB of 0 to 255 is normalized with the mean and deviation of "
        "ImageNet"
    ),
    "model": "takes pixels of 0 to 255, its first layers rescale them",
    "preset": "its preprocessing: pixels of 0 to 255 are scaled as its preset says",
}


@dataclass(frozen=True, slots=True)
class Backbone:
    """One network.

    family: the module of `keras.applications`. preprocessing: what its family's `preprocess_input`
    does. size: the width and height that its head was trained at, None where
    it takes any; sizes: the others that there are
    weights with a head for. least: the smallest width and height. features: how many numbers its
    last layer below the head gives at each place.
    """

    family: str
    preprocessing: Preprocessing
    size: int | None
    features: int
    least: int = 32
    sizes: tuple[int, ...] = ()


_MOBILE = (128, 160, 192, 224)
_RESCALING: Preprocessing = "model"

BACKBONES: Mapping[str, Backbone] = {
    "ConvNeXtTiny": Backbone("convnext", _RESCALING, 224, 768),
    "ConvNeXtSmall": Backbone("convnext", _RESCALING, 224, 768),
    "ConvNeXtBase": Backbone("convnext", _RESCALING, 224, 1024),
    "ConvNeXtLarge": Backbone("convnext", _RESCALING, 224, 1536),
    "ConvNeXtXLarge": Backbone("convnext", _RESCALING, 224, 2048),
    "DenseNet121": Backbone("densenet", "torch", 224, 1024),
    "DenseNet169": Backbone("densenet", "torch", 224, 1664),
    "DenseNet201": Backbone("densenet", "torch", 224, 1920),
    "EfficientNetB0": Backbone("efficientnet", _RESCALING, 224, 1280),
    "EfficientNetB1": Backbone("efficientnet", _RESCALING, 240, 1280),
    "EfficientNetB2": Backbone("efficientnet", _RESCALING, 260, 1408),
    "EfficientNetB3": Backbone("efficientnet", _RESCALING, 300, 1536),
    "EfficientNetB4": Backbone("efficientnet", _RESCALING, 380, 1792),
    "EfficientNetB5": Backbone("efficientnet", _RESCALING, 456, 2048),
    "EfficientNetB6": Backbone("efficientnet", _RESCALING, 528, 2304),
    "EfficientNetB7": Backbone("efficientnet", _RESCALING, 600, 2560),
    "EfficientNetV2B0": Backbone("efficientnet_v2", _RESCALING, 224, 1280),
    "EfficientNetV2B1": Backbone("efficientnet_v2", _RESCALING, 240, 1280),
    "EfficientNetV2B2": Backbone("efficientnet_v2", _RESCALING, 260, 1408),
    "EfficientNetV2B3": Backbone("efficientnet_v2", _RESCALING, 300, 1536),
    "EfficientNetV2S": Backbone("efficientnet_v2", _RESCALING, 384, 1280),
    "EfficientNetV2M": Backbone("efficientnet_v2", _RESCALING, 480, 1280),
    "EfficientNetV2L": Backbone("efficientnet_v2", _RESCALING, 480, 1280),
    "InceptionResNetV2": Backbone("inception_resnet_v2", "tf", 299, 1536, least=75),
    "InceptionV3": Backbone("inception_v3", "tf", 299, 2048, least=75),
    "MobileNet": Backbone("mobilenet", "tf", 224, 1024, sizes=_MOBILE),
    "MobileNetV2": Backbone("mobilenet_v2", "tf", 224, 1280, sizes=(96, *_MOBILE)),
    "MobileNetV3Large": Backbone("mobilenet_v3", _RESCALING, None, 960),
    "MobileNetV3Small": Backbone("mobilenet_v3", _RESCALING, None, 576),
    "NASNetLarge": Backbone("nasnet", "tf", 331, 4032),
    "NASNetMobile": Backbone("nasnet", "tf", 224, 1056),
    "ResNet50": Backbone("resnet", "caffe", 224, 2048),
    "ResNet101": Backbone("resnet", "caffe", 224, 2048),
    "ResNet152": Backbone("resnet", "caffe", 224, 2048),
    "ResNet50V2": Backbone("resnet_v2", "tf", 224, 2048),
    "ResNet101V2": Backbone("resnet_v2", "tf", 224, 2048),
    "ResNet152V2": Backbone("resnet_v2", "tf", 224, 2048),
    "VGG16": Backbone("vgg16", "caffe", 224, 512),
    "VGG19": Backbone("vgg19", "caffe", 224, 512),
    "Xception": Backbone("xception", "tf", 299, 2048, least=71),
}

PREPROCESSING = Argument(
    "preprocessing",
    types=("string",),
    choices=("auto", "none", "tf", "caffe", "torch"),
    default="auto",
    keyword_only=True,
    documentation=(
        "What is done to pixels of 0 to 255 in front of the network, as a part of the model. "
        "`auto`: with weights, what the network was trained with "
        "(`keras.applications.<family>.preprocess_input`); with `weights: null`, nothing. `tf`: -1 "
        "to 1. `caffe`: BGR, less the mean of ImageNet. `torch`: normalized with the mean and "
        "deviation of ImageNet. `none`: nothing."
    ),
)


UNTIL = Argument(
    "until",
    types=("string", "array"),
    items=("string",),
    keyword_only=True,
    documentation=(
        "The layer of the network whose output is taken, as `load` has it, or several: "
        "`[block3_pool, block5_pool]` are `backbone.0` and `backbone.1`, or "
        "`backbone.block3_pool`. Layers that these do not need are left out. By default the last "
        "layer."
    ),
)

# What ModelForge adds to the arguments of these words, and keeps from Keras.
ARGUMENTS = (PREPROCESSING, UNTIL)


def layers_of(arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """The names under `until`; empty for the whole network."""
    found = arguments.get(UNTIL.name)
    if isinstance(found, tuple | list):
        return tuple(map(str, found))
    return (str(found),) if found is not None else ()


def preprocessing_of(name: str, arguments: Mapping[str, Any]) -> Preprocessing:
    """What is done to the pixels of a network that is written with these arguments."""
    asked: Preprocessing | Literal["auto"] = arguments.get(PREPROCESSING.name, "auto")
    if asked != "auto":
        return asked
    found = BACKBONES.get(name)
    if found is None:  # of KerasHub
        return "preset" if arguments.get("load_weights", True) is True else "none"
    if found.preprocessing == "model":
        return "model" if arguments.get("include_preprocessing", True) is True else "none"
    return "none" if arguments.get("weights", "imagenet") is None else found.preprocessing
