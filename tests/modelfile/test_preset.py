"""Folders of KerasHub presets: what is read of them without KerasHub, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modelforge.findings import Findings
from modelforge.graph import load
from modelforge.modelfile import Doubts
from modelforge.modelfile.preset import Preset, read_preset

POLICY = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}}
ARGUMENTS = {"name": "vgg", "dtype": POLICY, "stackwise_num_filters": [8, 8], "image_shape": None}
CONVERTER = {"scale": [0.02, 0.02, 0.02], "offset": [-2.1, -2.0, -1.8], "image_size": [32, 32]}


def written(
    folder: Path, arguments: Any = ARGUMENTS, converter: Any = CONVERTER, **top: Any
) -> str:
    """A folder as KerasHub writes it, with something else at its top."""
    name = "VGGBackbone"
    config = {"class_name": name, "registered_name": f"keras_hub>{name}", "config": arguments}
    (folder / "config.json").write_text(json.dumps({**config, **top}), encoding="utf-8")
    if converter is not None:
        text = json.dumps({"class_name": "VGGImageConverter", "config": converter})
        (folder / "image_converter.json").write_text(text, encoding="utf-8")
    return str(folder)


def read(folder: str, *, converts: bool = True) -> tuple[Preset | None, list[str]]:
    findings = Findings()
    found = read_preset(folder, Doubts(folder, findings), converts=converts)
    return found, [finding.message.partition("is not opened: ")[2] for finding in findings]


def test_what_is_told(tmp_path: Path) -> None:
    found, told = read(written(tmp_path))
    assert found == Preset("VGGBackbone", "image_shape", [0.02, 0.02, 0.02], [-2.1, -2.0, -1.8]), (
        told
    )


def test_the_older_form_of_a_converter(tmp_path: Path) -> None:
    old = {"scale": 0.5, "mean": [1.0, 2.0, 3.0], "variance": [4.0, 16.0, 1.0]}
    found, told = read(written(tmp_path, converter=old))
    assert found is not None, told
    assert found.scale == [0.25, 0.125, 0.5] and found.offset == [-0.5, -0.5, -3.0]


def test_without_its_preprocessing_no_converter_is_needed(tmp_path: Path) -> None:
    folder = written(tmp_path, converter=None)
    assert read(folder, converts=False)[0] == Preset("VGGBackbone", "image_shape")
    assert read(folder)[1][0].startswith("it has no `image_converter.json`, so what its weights")


LAMBDA = {"class_name": "Lambda", "module": "keras.layers", "config": {"function": "os.system"}}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"class_name": "Lambda"}, "its backbone is of the class `Lambda`"),
        ({"registered_name": "mine>VGGBackbone"}, "its backbone is of the class `VGGBackbone`"),
        ({"class_name": ["VGGBackbone"]}, "its backbone is of the class `['VGGBackbone']`"),
        ({"config": [1]}, "its configuration describes no backbone"),
        ({"config": {"a": LAMBDA}}, "its argument `a` is more than plain numbers and texts"),
        ({"config": {"a": [[[[[1]]]]]}}, "its argument `a` is more than plain numbers and texts"),
        ({"config": {"a": 10**9}}, "its argument `a` is more than plain numbers and texts"),
        ({"config": {"dtype": LAMBDA}}, "its `dtype` is no plain policy"),
    ],
)
def test_a_configuration_that_says_more_is_refused(
    changed: dict[str, Any], message: str, tmp_path: Path
) -> None:
    found, told = read(written(tmp_path, **changed))
    assert found is None and told == [message]


@pytest.mark.parametrize(
    ("converter", "message"),
    [
        ({"scale": "1"}, "the `scale` in its `image_converter.json` is no number"),
        ({"offset": [True]}, "the `offset` in its `image_converter.json` is no number"),
        ({"mean": [1], "variance": [0]}, "the mean and variance in its `image_converter.json`"),
        ({"mean": [1], "variance": [-1]}, "the mean and variance in its `image_converter.json`"),
        ([1], "its `image_converter.json` describes no converter"),
    ],
)
def test_a_damaged_converter_is_told(converter: Any, message: str, tmp_path: Path) -> None:
    found, told = read(written(tmp_path, converter=converter))
    assert found is None and told[0].startswith(message)


SPEC = """modelforge: 1
model:
  inputs: {image: {shape: [32, 32, 3]}}
  layers:
    - KerasHub: %s
    - GlobalAveragePooling2D
    - Dense: 2
"""


@pytest.mark.parametrize(
    ("asked", "messages"),
    [
        ("resnet_18_imagenet", []),
        ("{preset: ./vgg, until: P3}", []),
        ("./vgg", []),
        ("{preset: ./nix}", ["`{0}/./nix` is not opened: there is no such folder"]),
        ("./empty", ["`{0}/./empty` is not opened: the folder has no `config.json`"]),
    ],
)
def test_validate_looks_into_the_folder(asked: str, messages: list[str], tmp_path: Path) -> None:
    (tmp_path / "vgg").mkdir()
    (tmp_path / "empty").mkdir()
    written(tmp_path / "vgg")
    (tmp_path / "spec.yaml").write_text(SPEC % asked, encoding="utf-8")
    findings = Findings()
    load(str(tmp_path / "spec.yaml"), (), findings)
    assert [it.message for it in findings] == [it.format(tmp_path) for it in messages]


def test_pixels_are_not_rescaled_twice(tmp_path: Path) -> None:
    spec = SPEC.replace("    - KerasHub", "    - Rescaling: {scale: 0.1}\n    - KerasHub")
    (tmp_path / "spec.yaml").write_text(spec % "resnet_18_imagenet", encoding="utf-8")
    findings = Findings()
    load(str(tmp_path / "spec.yaml"), (), findings)
    (finding,) = findings
    assert finding.rule == "preprocessing-twice"
