"""`load`: a saved model among the layers computes what it computed, whole and up to a layer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from click.testing import Result

from modelforge.build import build_model
from modelforge.findings import Findings, Refused
from modelforge.findings.text import render
from modelforge.graph import Loaded, load

ROWS = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
HEAD = "modelforge: 1\nmodel:\n  inputs: {row: {shape: [4]}}\n  layers:\n"


@pytest.fixture
def base(tmp_path: Path) -> keras.Model:
    """Saved as `base.keras`: a functional model with a model, an operation and a sequence in it."""
    keras.backend.clear_session()
    inner = keras.Sequential(
        [keras.Input((6,)), keras.layers.Dense(5, name="a"), keras.layers.ReLU(name="b.c")],
        name="encoder",
    )
    row = keras.Input((4,), name="row")
    found = keras.layers.BatchNormalization(name="norm")(keras.layers.Dense(6, name="first")(row))
    found = keras.ops.tanh(inner(found))
    model = keras.Model(row, keras.layers.Dense(2, name="head")(found), name="base")
    for weight in model.weights:
        weight.assign(np.random.default_rng(1).uniform(0.1, 0.5, weight.shape))
    model.save(tmp_path / "base.keras")
    return model


def read(path: Path, *overrides: str) -> Loaded:
    findings = Findings()
    loaded = load(str(path), overrides, findings)
    assert loaded is not None, render(findings)
    return loaded


def built(folder: Path, layers: str, *overrides: str) -> keras.Model:
    path = folder / "spec.yaml"
    path.write_text(HEAD + layers, encoding="utf-8")
    loaded = read(path, *overrides)
    model = build_model(loaded.graph, {}, "m")
    for node in loaded.graph.nodes:
        known = loaded.known[node.name].shape
        if known is not None and node.saved is not None and not node.shares:
            assert known == model.get_layer(node.name).output.shape
    return model


def answer(model: Any) -> np.ndarray:
    return np.asarray(model(ROWS, training=False))


def test_a_whole_model(tmp_path: Path, base: keras.Model) -> None:
    model = built(tmp_path, "    - load: base.keras\n      name: backbone\n")
    assert [layer.name for layer in model.layers] == ["row", "backbone"]
    assert np.allclose(answer(model), answer(base), atol=1e-6)


@pytest.mark.parametrize("until", ["first", "norm", "encoder", "tanh", "head"])
def test_up_to_a_layer(until: str, tmp_path: Path, base: keras.Model) -> None:
    model = built(tmp_path, f"    - load: {{path: base.keras, until: {until}}}\n")
    layer = next(it for it in base.operations if it.name == until)
    wanted: Any = ROWS
    for operation in base.operations[1:]:
        wanted = operation(wanted)
        if operation is layer:
            break
    assert np.allclose(answer(model), wanted, atol=1e-6)


@pytest.mark.parametrize(("until", "last"), [("encoder.a", 1), ("encoder.b.c", 2)])
def test_up_to_a_layer_in_a_model_within(
    until: str, last: int, tmp_path: Path, base: keras.Model
) -> None:
    model = built(tmp_path, f"    - load: {{path: base.keras, until: {until}}}\n")
    wanted: Any = base.get_layer("norm")(base.get_layer("first")(ROWS))
    for layer in base.get_layer("encoder").layers[:last]:
        wanted = layer(wanted)
    assert np.allclose(answer(model), wanted, atol=1e-6)
    assert model.count_params() < base.count_params()


def test_a_sequential_model(tmp_path: Path) -> None:
    layers = [keras.Input((4,)), keras.layers.Dense(3, name="a"), keras.layers.Dense(2, name="b")]
    base = keras.Sequential(layers)
    base.save(tmp_path / "base.keras")
    assert np.allclose(answer(built(tmp_path, "    - load: base.keras\n")), answer(base))
    model = built(tmp_path, "    - load: {path: base.keras, until: a}\n    - Dense: 7\n")
    assert model.output_shape == (None, 7)
    assert np.allclose(
        model.get_layer("load").get_weights()[0], base.get_layer("a").get_weights()[0]
    )


def test_frozen(tmp_path: Path, base: keras.Model) -> None:
    layers = "    - load: {path: base.keras, until: encoder, trainable: false}\n    - Dense: 3\n"
    model = built(tmp_path, layers)
    assert [weight.shape for weight in model.trainable_weights] == [(5, 3), (3,)]
    assert built(tmp_path, "    - load: base.keras\n").trainable_weights


def test_used_again(tmp_path: Path, base: keras.Model) -> None:
    layers = (
        "    - load: {path: base.keras, until: first}\n      name: one\n"
        "    - use: one\n      from: row\n      name: two\n"
        "    - Subtract:\n      from: [one, two]\n"
    )
    model = built(tmp_path, layers)
    assert np.allclose(answer(model), 0)
    assert model.count_params() == 4 * 6 + 6


def test_several_inputs_and_outputs_by_name(tmp_path: Path) -> None:
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    both = keras.layers.Subtract(name="both")([left, right])
    outputs = {
        "b": keras.layers.Dense(2, name="b")(both),
        "a": keras.layers.Dense(1, name="a")(both),
    }
    base = keras.Model({"right": right, "left": left}, outputs)
    base.save(tmp_path / "two.keras")
    layers = (
        "    - ReLU:\n      name: positive\n"
        "    - load: two.keras\n      name: old\n      from: {left: row, right: positive}\n"
        "    - Identity:\n      name: first\n      from: old.a\n"
        "    - Identity:\n      name: second\n      from: old.b\n"
        "  outputs: [first, second]\n"
    )
    first, second = built(tmp_path, layers)(ROWS)
    wanted = base({"left": ROWS, "right": np.maximum(ROWS, 0)})
    assert np.allclose(first, wanted["a"], atol=1e-6)
    assert np.allclose(second, wanted["b"], atol=1e-6)


def test_a_path_starts_from_the_file_that_says_it(tmp_path: Path, base: keras.Model) -> None:
    (tmp_path / "below").mkdir()
    text = HEAD + "    - load: ../base.keras\n      name: backbone\n"
    (tmp_path / "below" / "inner.yaml").write_text(text, encoding="utf-8")
    spec = tmp_path / "outer.yaml"
    spec.write_text("modelforge: 1\nextends: below/inner.yaml\n", encoding="utf-8")
    assert read(spec).graph.nodes[0].saved
    # What the command line says starts from the folder of the spec.
    assert read(spec, "model.layers.0.load=base.keras").graph.nodes[0].saved


def test_in_a_block_with_a_parameter(tmp_path: Path, base: keras.Model) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(
        "modelforge: 1\nblocks:\n  old:\n    params: {until: }\n    layers:\n"
        '      - load: {path: base.keras, until: "${until}"}\n        name: part\n'
        "model:\n  inputs: {row: {shape: [4]}}\n  layers:\n    - old: norm\n      name: stem\n",
        encoding="utf-8",
    )
    (node,) = read(path).graph.nodes
    assert node.name == "stem.part" and node.saved and node.saved.until == ("norm",)


def test_weights_are_checked_when_it_is_built(tmp_path: Path, base: keras.Model) -> None:
    base.get_layer("head").kernel.assign(np.full((5, 2), np.nan))
    base.save(tmp_path / "base.keras")
    with pytest.raises(Refused) as refused:
        built(tmp_path, "    - load: base.keras\n")
    (finding,) = refused.value.findings
    assert "`head/kernel` hold numbers that are not finite" in finding.message
    assert finding.span is not None and (finding.span.line, finding.span.column) == (5, 13)


SPEC = """\
modelforge: 1
name: fine
data: {train: Iris, validation: 0.2}
model:
  layers:
    - model: {layers: [{load: {path: old, until: hidden, trainable: false}}]}
      name: backbone
    - Dense: {units: "${data.classes}", activation: softmax}
train: {loss: SparseCategoricalCrossentropy, epochs: 1}
export: [Keras]
"""


def test_a_run_keeps_what_it_loaded(
    tmp_path: Path, modelforge_command: Callable[..., Result]
) -> None:
    old = SPEC.replace("fine", "old").replace("export: [Keras]\n", "")
    line = next(line for line in old.splitlines() if "load" in line)
    old = old.replace(line, "    - Dense: 4\n      name: hidden").replace(
        "      name: backbone\n", ""
    )
    (tmp_path / "old.yaml").write_text(old, encoding="utf-8")
    (tmp_path / "fine.yaml").write_text(SPEC, encoding="utf-8")
    run = tmp_path / "run"
    for name, place in (("old", tmp_path / "old"), ("fine", run)):
        done = modelforge_command("train", tmp_path / f"{name}.yaml", "--run", place)
        assert done.exit_code == 0, done.stderr
    before = (
        keras.saving.load_model(tmp_path / "old" / "best.keras").get_layer("hidden").get_weights()
    )
    (tmp_path / "old").rename(tmp_path / "gone")
    after = keras.saving.load_model(run / "final.keras").layers[1].get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert "path: loaded/best.keras" in (run / "resolved.yaml").read_text(encoding="utf-8")
    assert [path.name for path in (run / "loaded").iterdir()] == ["best.keras"]
    for command in (
        ("evaluate", run),
        ("export", run, "SavedModel"),
        ("train", "--resume", run, "--set", "train.epochs=2"),
        ("train", run / "resolved.yaml", "--run", tmp_path / "again"),
    ):
        done = modelforge_command(*command)
        assert done.exit_code == 0, done.stderr
    done = modelforge_command("validate", tmp_path / "fine.yaml")
    assert done.exit_code == 1 and "no-model-file" in done.stderr + done.stdout


def test_what_loads_models_knows_our_own_classes_by_itself() -> None:
    code = (
        "import keras, modelforge.loading\n"
        "from modelforge.modelfile.allowed import OWN\n"
        "print(sorted(OWN - keras.saving.get_custom_objects().keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
