"""`KerasHub`: a small backbone saved as a preset is taken, frozen, trained, saved and opened."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from modelforge.build import build_model
from modelforge.build.freezing import apply_freezing
from modelforge.build.table import layer_table
from modelforge.cli.main import run
from modelforge.findings import Findings, Refused
from modelforge.findings.text import render
from modelforge.graph import load
from modelforge.loading import load_model

SPEC = """modelforge: 1
name: hub
data: {train: {ImageFolder: {path: images, image_size: [40, 48]}}, validation: 0.5, batch_size: 4}
model:
  layers:
    - KerasHub: %s
      name: backbone
    - GlobalAveragePooling2D%s
    - Dense: 2
train:
  loss: {SparseCategoricalCrossentropy: {from_logits: true}}
  freeze: backbone
  epochs: 1
export: [SavedModel]
"""
HEAD = "modelforge: 1\nmodel:\n  inputs: {image: {shape: [40, 48, 3]}}\n  layers:\n"
PIXELS = np.random.default_rng(0).uniform(0, 255, (2, 40, 48, 3)).astype("float32")


@pytest.fixture(scope="module")
def hub() -> Any:
    return pytest.importorskip("keras_hub", reason="keras-hub is not installed (the extra `hub`)")


@pytest.fixture(scope="module")
def preset(hub: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DenseNet of two stages, in which batch normalization has seen something."""
    folder = tmp_path_factory.mktemp("preset") / "dense"
    model = hub.models.DenseNetBackbone(stackwise_num_repeats=[1, 1], growth_rate=4)
    random = np.random.default_rng(1)
    model.set_weights([random.uniform(0.1, 1, it.shape) for it in model.get_weights()])
    model.save_to_preset(str(folder))
    converter = hub.layers.DenseNetImageConverter(
        image_size=(32, 32), scale=[0.01, 0.02, 0.03], offset=[-1.0, -2.0, -3.0]
    )
    converter.save_to_preset(str(folder))
    return folder


def built(folder: Path, written: str) -> tuple[Any, Any]:
    path = folder / "spec.yaml"
    layer = f"    - KerasHub: {written}\n      name: backbone\n"
    outputs = "  outputs: [backbone.0, backbone.1]\n" if "[" in written else ""
    path.write_text(HEAD + layer + outputs, encoding="utf-8")
    findings = Findings()
    loaded = load(str(path), (), findings)
    assert loaded is not None, render(findings)
    return build_model(loaded.graph, {}, "m"), loaded.graph


def expected(hub: Any, preset: Path) -> Any:
    """What KerasHub itself makes of the pixels."""
    model = hub.models.Backbone.from_preset(str(preset))
    converter = hub.layers.ImageConverter.from_preset(str(preset))
    converter.image_size = None
    return model(converter(PIXELS), training=False)


def test_it_gives_what_keras_hub_gives(hub: Any, preset: Path, tmp_path: Path) -> None:
    model, graph = built(tmp_path, str(preset))
    found = model(PIXELS, training=False)
    np.testing.assert_allclose(found, expected(hub, preset), rtol=1e-5, atol=1e-5)
    assert layer_table(model, graph)[0]["preprocessing"] == "preset"
    assert not [it for it in model.layers[1].layers if isinstance(it, keras.Model)]


_STAGES = {"stackwise_num_strides": [1, 2], "stackwise_num_blocks": [1, 1]}
_STEM = {"input_conv_filters": [64], "input_conv_kernel_sizes": [7]}
FAMILIES: dict[str, dict[str, Any]] = {
    "ResNet": {
        **_STEM,
        **_STAGES,
        "stackwise_num_filters": [64, 64],
        "block_type": "bottleneck_block",
        "use_pre_activation": True,
    },
    "VGG": {"stackwise_num_repeats": [1, 2], "stackwise_num_filters": [4, 8]},
    "Xception": {
        "stackwise_conv_filters": [[8, 16], [16, 16]],
        "stackwise_pooling": [True, False],
    },
    "EfficientNet": {
        "stackwise_kernel_sizes": [3, 3],
        "stackwise_num_repeats": [1, 2],
        "stackwise_input_filters": [8, 16],
        "stackwise_output_filters": [16, 24],
        "stackwise_expansion_ratios": [1, 6],
        "stackwise_strides": [1, 2],
        "stackwise_squeeze_and_excite_ratios": [0.25, 0.25],
        "stackwise_block_types": ["v1", "v1"],
        "width_coefficient": 1.0,
        "depth_coefficient": 1.0,
        "min_depth": 8,
    },
}


@pytest.mark.parametrize("family", FAMILIES)
def test_other_families_give_what_keras_hub_gives(hub: Any, family: str, tmp_path: Path) -> None:
    kept = getattr(hub.models, f"{family}Backbone")(**FAMILIES[family])
    random = np.random.default_rng(1)
    kept.set_weights([random.uniform(0.01, 0.1, it.shape) for it in kept.get_weights()])
    kept.save_to_preset(str(tmp_path / "preset"))
    model, _ = built(tmp_path, f"{{preset: {tmp_path / 'preset'}, preprocessing: none}}")
    wanted = np.asarray(kept(PIXELS, training=False))
    assert np.isfinite(wanted).all() and np.abs(wanted).max() > 0
    np.testing.assert_allclose(model(PIXELS, training=False), wanted, rtol=1e-5)


def test_without_preprocessing_and_weights(preset: Path, tmp_path: Path) -> None:
    model, graph = built(tmp_path, f"{{preset: {preset}, load_weights: false}}")
    assert "preprocessing" not in [it.name for it in model.layers[1].layers]
    assert apply_freezing(model, graph, None).layers["backbone/conv1_bn"].inference == 0
    model, graph = built(tmp_path, f"{{preset: {preset}, preprocessing: none}}")
    assert "preprocessing" not in [it.name for it in model.layers[1].layers]


def test_levels_of_the_pyramid_are_outputs(hub: Any, preset: Path, tmp_path: Path) -> None:
    model, _ = built(tmp_path, f"{{preset: {preset}, until: [P2, P3]}}")
    levels = hub.models.Backbone.from_preset(str(preset)).pyramid_outputs
    assert [tuple(it.shape[-1:]) for it in model.layers[1].outputs] == [
        tuple(levels[name].shape[-1:]) for name in ("P2", "P3")
    ]
    with pytest.raises(Refused) as caught:
        built(tmp_path, f"{{preset: {preset}, until: P9}}")
    (finding,) = caught.value.findings
    assert "has no layer `P9`" in finding.message and "its levels: P2, P3" in finding.notes


def test_what_is_saved_needs_no_keras_hub(preset: Path, tmp_path: Path) -> None:
    model, _ = built(tmp_path, str(preset))
    model.save(tmp_path / "m.keras")
    again = load_model(str(tmp_path / "m.keras"))
    np.testing.assert_array_equal(again(PIXELS), model(PIXELS))


@pytest.mark.slow
def test_it_trains_frozen_and_is_exported(
    preset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        Path("images", name).mkdir(parents=True)
        for number in range(4):
            pixels = np.random.default_rng(number).integers(0, 255, (40, 48, 3))
            png = __import__("tensorflow").io.encode_png(pixels.astype("uint8")).numpy()
            Path("images", name, f"{number}.png").write_bytes(png)
    Path("spec.yaml").write_text(SPEC % (preset, ""), encoding="utf-8")
    assert run(["train", "spec.yaml", "-q", "--run", "run"]) == 0
    trained, (fresh, _) = load_model("run/best.keras"), built(tmp_path, str(preset))
    pairs = zip(trained.layers[1].get_weights(), fresh.layers[1].get_weights(), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)
    assert str(preset) in Path("run/resolved.yaml").read_text(encoding="utf-8")
    monkeypatch.setitem(sys.modules, "keras_hub", None)  # as if it were not installed
    assert run(["evaluate", "run"]) == 0


@pytest.mark.parametrize(
    ("name", "rule", "told"),
    [
        ("resnet_18_imagenett", "unknown-preset", "did you mean `resnet_18_imagenet`?"),
        ("vit_base", "unknown-preset", ""),
    ],
)
def test_a_preset_that_is_not_there(
    hub: Any, name: str, rule: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(Refused) as caught:
        built(tmp_path, name)
    (finding,) = caught.value.findings
    assert finding.rule == rule and finding.hint == told
    assert finding.span is not None and finding.span.line == 5


def test_without_a_network(hub: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: Any) -> str:
        raise ConnectionError("no network")

    monkeypatch.setattr("kagglehub.model_download", refuses)
    with pytest.raises(Refused) as caught:
        built(tmp_path, "resnet_18_imagenet")
    (finding,) = caught.value.findings
    assert finding.message == (
        "`config.json` of the preset `resnet_18_imagenet` is in no cache here, and could not be "
        "downloaded"
    )


def test_layers_of_keras_hub_are_refused(hub: Any, tmp_path: Path) -> None:
    folder = tmp_path / "vit"
    arguments = {"patch_size": 8, "num_layers": 1, "num_heads": 2, "hidden_dim": 8, "mlp_dim": 8}
    hub.models.ViTBackbone(image_shape=(40, 48, 3), **arguments).save_to_preset(str(folder))
    (tmp_path / "spec.yaml").write_text(HEAD + f"    - KerasHub: {folder}\n", encoding="utf-8")
    findings = Findings()
    load(str(tmp_path / "spec.yaml"), (), findings)
    (finding,) = findings
    assert finding.message.endswith("its backbone is of the class `ViTBackbone`")


def test_weights_that_are_damaged(hub: Any, preset: Path, tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    for file in preset.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "model.weights.h5").write_bytes(b"nothing")
    with pytest.raises(Refused) as caught:
        built(tmp_path, str(folder))
    assert "its weights are damaged" in next(iter(caught.value.findings)).message


def test_a_backbone_that_cannot_be_made(hub: Any, preset: Path, tmp_path: Path) -> None:
    folder = tmp_path / "wrong"
    folder.mkdir()
    for file in preset.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["config"]["growth_rate"] = "many"
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(Refused) as caught:
        built(tmp_path, str(folder))
    (finding,) = caught.value.findings
    assert finding.rule == "preset-unreadable"


def test_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keras_hub", None)
    with pytest.raises(Refused) as caught:
        built(tmp_path, "resnet_18_imagenet")
    (finding,) = caught.value.findings
    assert finding.message.startswith("`KerasHub` needs the package keras-hub, which")
    assert finding.hint == "`pip install keras-hub` (ModelForge's extra `hub`)"
