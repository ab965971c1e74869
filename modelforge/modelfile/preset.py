"""A folder of a KerasHub preset, looked through before anything opens it, without TensorFlow.

Its configuration names one class, that of the backbone, and plain values; KerasHub would make
objects of any class that it finds among them.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelforge.modelfile.archive import MAX_CONFIG
from modelforge.modelfile.configuration import read_configuration
from modelforge.modelfile.doubts import Doubts, shown

CONFIG, CONVERTER, WEIGHTS = "config.json", "image_converter.json", "model.weights.h5"

# Made of layers of Keras alone, so that what is saved with them opens without KerasHub.
BACKBONES = frozenset(
    f"{name}Backbone"
    for name in ("ResNet", "VGG", "DenseNet", "EfficientNet", "CSPNet", "Xception")
)
_MOST = 65_536  # in one number: none of KerasHub's own has more filters, repeats or pixels

Numbers = float | list[float]


@dataclass(frozen=True, slots=True)
class Preset:
    """A preset that may be opened.

    shape_argument: what its backbone calls the shape of its images. scale, offset: of pixels from 0
    to 255, one number or one for each channel; None without.
    """

    class_name: str
    shape_argument: str
    scale: Numbers | None = None
    offset: Numbers | None = None


def read_preset(folder: str, doubts: Doubts, *, converts: bool) -> Preset | None:
    """What the folder holds; None after findings.

    converts: whether the scale and the offset are wanted.
    """
    before = doubts.count
    config = _json(folder, CONFIG, doubts)
    if config is None:
        return None
    name = config.get("class_name")
    known = isinstance(name, str) and name in BACKBONES
    if not known or config.get("registered_name") != f"keras_hub>{name}":
        taken = ", ".join(f"`{it}`" for it in sorted(BACKBONES))
        doubts.say("preset-class", f"its backbone is of the class {shown(name)}", f"taken: {taken}")
        return None
    arguments = config.get("config")
    if not isinstance(arguments, Mapping):
        doubts.say("preset-config", "its configuration describes no backbone")
        return None
    for key, value in arguments.items():
        if key == "dtype":
            _check_dtype(value, doubts)
        elif not _is_plain(value):
            doubts.say(
                "preset-config", f"its argument {shown(key)} is more than plain numbers and texts"
            )
    scales = _converter(folder, doubts) if converts else (None, None)
    if doubts.count > before or scales is None:
        return None
    shape = "input_shape" if "input_shape" in arguments else "image_shape"
    return Preset(str(name), shape, *scales)


def _json(folder: str, name: str, doubts: Doubts) -> dict[str, Any] | None:
    path = os.path.join(folder, name)
    if not os.path.isfile(path):
        there = os.path.isdir(folder)
        doubts.say(
            "no-preset",
            f"the folder has no `{name}`" if there else "there is no such folder",
            "`backbone.save_to_preset(folder)` writes one",
        )
        return None
    try:
        with open(path, "rb") as file:
            text = file.read(MAX_CONFIG + 1)
    except OSError as error:
        doubts.say("no-preset", f"`{name}` cannot be read: {error.strerror or error}")
        return None
    if len(text) > MAX_CONFIG:
        doubts.say("preset-config", f"`{name}` has more than {MAX_CONFIG >> 20} MiB")
        return None
    return read_configuration(text, doubts)


def _check_dtype(value: Any, doubts: Doubts) -> None:
    """A policy of Keras with a name; quantized weights are of another."""
    if isinstance(value, Mapping):
        policy, plain = value.get("config"), value.get("class_name") == "DTypePolicy"
        plain = plain and isinstance(policy, Mapping) and policy.keys() == {"name"}
        value = policy.get("name") if isinstance(policy, Mapping) else None
    else:
        plain = True
    if not plain or not isinstance(value, str | None):
        doubts.say(
            "preset-config", "its `dtype` is no plain policy", "quantized presets are not taken"
        )


def _is_plain(value: Any, depth: int = 4) -> bool:
    if isinstance(value, str):
        return len(value) <= 200
    if isinstance(value, int | float):
        return math.isfinite(value) and abs(value) <= _MOST
    if isinstance(value, list):
        return depth > 0 and len(value) <= 1000 and all(_is_plain(it, depth - 1) for it in value)
    return value is None


def _converter(folder: str, doubts: Doubts) -> tuple[Numbers | None, Numbers | None] | None:
    """The scale and the offset of `image_converter.json`; None after a finding."""
    if not os.path.isfile(os.path.join(folder, CONVERTER)):
        doubts.say(
            "no-image-converter",
            f"it has no `{CONVERTER}`, so what its weights expect of pixels is not known",
            "write `preprocessing: none`, and put in front of it what they were trained with",
        )
        return None
    found = _json(folder, CONVERTER, doubts)
    config = found.get("config") if found is not None else None
    if not isinstance(config, Mapping):
        if found is not None:
            doubts.say("preset-config", f"its `{CONVERTER}` describes no converter")
        return None
    scale, offset = config.get("scale"), config.get("offset")
    if "variance" in config and "mean" in config:  # as KerasHub wrote it before 0.19
        variances, means = _list(config["variance"]), _list(config["mean"])
        if not variances or min(variances) <= 0 or len(means) != len(variances):
            doubts.say("preset-config", f"the mean and variance in its `{CONVERTER}` are wrong")
            return None
        deviations = [math.sqrt(it) for it in variances]
        plain = scale if isinstance(scale, int | float) else 1.0
        scale = [plain / it for it in deviations]
        offset = [-mean / it for mean, it in zip(means, deviations, strict=True)]
    for name, value in (("scale", scale), ("offset", offset)):
        numbers = value if isinstance(value, list) else [] if value is None else [value]
        if len(numbers) > 4 or not all(_is_number(it) for it in numbers):
            doubts.say("preset-config", f"the `{name}` in its `{CONVERTER}` is no number")
            return None
    return scale, offset


def _list(value: Any) -> list[float]:
    usable = isinstance(value, list) and 0 < len(value) <= 4 and all(map(_is_number, value))
    return value if usable else []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
