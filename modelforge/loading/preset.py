"""A KerasHub preset becomes a model of Keras's own layers: found, looked through, then loaded."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import keras

from modelforge.catalog.own.hub import is_folder
from modelforge.findings import Findings, ModelForgeError, Refused, Span, did_you_mean, refuse
from modelforge.loading.load import check_finite
from modelforge.loading.weights import check_weights
from modelforge.modelfile import Doubts
from modelforge.modelfile.preset import (
    BACKBONES,
    CONFIG,
    CONVERTER,
    WEIGHTS,
    Preset,
    read_preset,
)

_FORMS = "`kaggle://USER/MODEL/keras/VARIANT`, `hf://USER/MODEL`, or a folder, `./FOLDER`"


def load_preset(
    name: str,
    span: Span,
    shape: tuple[int | None, ...] | None,
    *,
    weights: bool,
    converts: bool,
) -> tuple[keras.Model, Preset]:
    """The backbone of a preset, and what else its files tell; raises Refused.

    shape: of its images; as the preset has it where it is None. weights: whether it comes with
    them. converts: whether the scale and the offset of pixels are wanted.
    """
    package = _keras_hub(span)
    wanted = [CONFIG, *([CONVERTER] if converts else []), *([WEIGHTS] if weights else [])]
    folder = name if is_folder(name) else _downloaded(name, wanted, package, span)
    doubts = Doubts(name, Findings(), span)
    preset = read_preset(folder, doubts, converts=converts)
    path = os.path.join(folder, WEIGHTS)
    if preset is not None and weights:
        _check_file(path, doubts)
    doubts.findings.stop_on_errors()
    assert preset is not None
    given = {} if shape is None else {preset.shape_argument: shape}
    try:
        model = package.models.Backbone.from_preset(folder, load_weights=weights, **given)
    except ModelForgeError:
        raise
    except Exception as error:  # a configuration may say anything
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise refuse(
            "preset-unreadable",
            f"the backbone of `{name}` cannot be made: {said[:300]}",
            span,
        ) from None
    _check_layers(model, doubts)
    if weights:
        check_finite(model, doubts)
    doubts.findings.stop_on_errors()
    return model, preset


def _keras_hub(span: Span) -> Any:
    try:
        import keras_hub
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == "keras_hub"
        reason = "is not installed" if missing else f"cannot be imported: {error}"
        raise refuse(
            "no-keras-hub",
            f"`KerasHub` needs the package keras-hub, which {reason}",
            span,
            hint="`pip install keras-hub` (ModelForge's extra `hub`)",
        ) from None
    return keras_hub


def _downloaded(name: str, wanted: list[str], package: Any, span: Span) -> str:
    """The folder in the cache of Kaggle or Hugging Face that holds the files of a preset."""
    known: Mapping[str, Mapping[str, Any]] = package.models.Backbone.presets
    handle = str(known[name]["kaggle_handle"]) if name in known else name
    fetch: Callable[[str], str]
    if handle.startswith("kaggle://"):
        import kagglehub

        def fetch(file: str) -> str:
            return str(kagglehub.model_download(handle.removeprefix("kaggle://"), file))
    elif handle.startswith("hf://"):
        import huggingface_hub

        def fetch(file: str) -> str:
            return str(huggingface_hub.hf_hub_download(handle.removeprefix("hf://"), file))
    else:
        raise _unknown(name, package, span)
    folder = ""
    for file in wanted:
        try:
            folder = os.path.dirname(fetch(file))
        except Exception as error:  # of requests, httpx, Kaggle and Hugging Face
            raise _missing(name, file, error, span) from None
    return folder


def _unknown(name: str, package: Any, span: Span) -> Refused:
    usable = [
        preset
        for backbone in BACKBONES
        for preset in getattr(getattr(package.models, backbone, None), "presets", ())
    ]
    return refuse(
        "unknown-preset",
        f"KerasHub has no preset `{name}`",
        span,
        hint=did_you_mean(name, usable),
        notes=(
            f"presets whose backbones can be taken: {', '.join(sorted(usable))}",
            f"or {_FORMS}",
        ),
    )


def _missing(name: str, file: str, error: Exception, span: Span) -> Refused:
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    return refuse(
        "preset-download",
        f"`{file}` of the preset `{name}` is in no cache here, and could not be downloaded",
        span,
        hint="where there is a network, `keras_hub.models.Backbone.from_preset(...)` and "
        "`.save_to_preset(FOLDER)`, the same of its `ImageConverter`; copy the folder here, and "
        "write its path, `./FOLDER`",
        notes=(
            "`load_weights: false` needs the configuration alone",
            f"it was said: {said[:200]}",
        ),
    )


def _check_file(path: str, doubts: Doubts) -> None:
    """The weights: HDF5 that holds numbers, all of them within the file."""
    if not os.path.isfile(path):
        doubts.say("no-preset", f"it has no `{WEIGHTS}`", "`load_weights: false` begins at random")
        return
    with open(path, "rb") as file:
        check_weights(file, os.path.getsize(path), doubts)


def _check_layers(model: keras.Model, doubts: Doubts) -> None:
    """Refuses layers that are none of Keras's: what is saved with them would not open."""
    found = {
        type(layer).__name__
        for layer in model._flatten_layers(include_self=False)
        if type(layer).__module__.split(".")[0] != "keras"
    }
    if found:
        doubts.say(
            "preset-layers",
            f"it has layers of KerasHub's own: {', '.join(sorted(found)[:5])}",
            "backbones that are made of Keras's layers can be taken, such as those of ResNet",
        )
