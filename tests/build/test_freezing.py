"""`freeze` and `batch_norm`: what is frozen, what is not, and that training keeps to it."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from modelforge.build import build_model
from modelforge.build.freezing import apply_freezing
from modelforge.build.paths import Layers
from modelforge.document import parse
from modelforge.findings import Findings, Refused, Source
from modelforge.findings.text import render
from modelforge.graph import Graph, load, understand
from modelforge.graph.freezing.frozen import Counts, Frozen
from modelforge.graph.freezing.inside import look
from modelforge.graph.freezing.selectable import selectables
from modelforge.loading import load_model
from modelforge.modelfile.structure import structure_of
from modelforge.runs import RunFolder
from modelforge.spec import Freeze
from modelforge.spec.freezing import read_freeze
from modelforge.train import train
from modelforge.train.prepare import Prepared, prepare_model

DIGITS = """\
data: {train: Digits, validation: 0.2, batch_size: 64}
model:
  layers:
    - model:
        layers:
          - Reshape: {target_shape: [8, 8, 1]}
          - Conv2D: {filters: 4, kernel_size: 3, use_bias: false}
            name: conv1
          - BatchNormalization: {momentum: 0.5}
            name: bn1
          - ReLU
          - Conv2D: {filters: 4, kernel_size: 3}
            name: conv2
          - Reshape: {target_shape: [16, 4]}
      name: backbone
    - TimeDistributed: {layer: {Dense: 4}}
      name: each
    - use: each
      name: again
    - Bidirectional: {layer: {GRU: 3}}
      name: both
    - BatchNormalization
    - Dense: {units: 10, activation: softmax}
      name: head
train:
  loss: SparseCategoricalCrossentropy
  epochs: 2
"""

PARTS = """\
blocks:
  stage:
    params: {units: }
    layers:
      - Dense: "${units}"
      - BatchNormalization
model:
  inputs: {x: {shape: [6]}}
  layers:
    - Dense: 4
      name: stem
    - stage: 4
      repeat: 3
      name: stage
    - Dense: 4
      name: side
      from: stem
    - Add:
      from: [stage, side]
      name: joined
    - Pipeline: {layers: [{Dense: 3}, BatchNormalization, {Dense: 2}]}
      name: row
    - Dense: 1
      name: head
"""


def freeze_of(text: str) -> Freeze | None:
    root = parse(Source("spec.yaml", f"freeze: {text}\n"), Findings())
    assert root is not None
    return read_freeze(root.get("freeze"))


def built(text: str, folder: Path | None = None) -> tuple[keras.Model, Graph]:
    findings = Findings()
    name = str((folder or Path()) / "spec.yaml")
    root = parse(Source(name, text), findings)
    loaded = understand(root, (), findings) if root else None
    assert loaded is not None, render(findings)
    return build_model(loaded.graph, {}, "m"), loaded.graph


def trained(model: keras.Model) -> list[str]:
    """The paths of the weights that are trained."""
    return [variable.path for variable in model.trainable_variables]


def prepared(folder: Path, *overrides: str) -> Prepared:
    path = folder / "spec.yaml"
    path.write_text(DIGITS, encoding="utf-8")
    findings = Findings()
    return prepare_model(str(path), [*overrides, "train.deterministic=true"], findings)


def run(found: Prepared, folder: Path) -> dict[str, bool]:
    """Trains; whether each weight was changed, by its path."""
    before = {it.path: it.numpy() for it in found.model.weights}
    train(found, RunFolder.create_at(folder / "run"))
    # Bit by bit: -0.0 is not 0.0.
    return {
        it.path: it.numpy().tobytes() != before[it.path].tobytes() for it in found.model.weights
    }


OPTIMIZERS = [
    "AdamW: {learning_rate: 0.01, weight_decay: 0.1}",
    "SGD: {learning_rate: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.1}",
    "Adam: {learning_rate: 0.01, use_ema: true, ema_momentum: 0.5, ema_overwrite_frequency: 3}",
    "Lion: {learning_rate: 0.01, gradient_accumulation_steps: 2, global_clipnorm: 1.0}",
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_frozen_weights_are_the_same_to_the_last_bit(optimizer: str, tmp_path: Path) -> None:
    found = prepared(
        tmp_path,
        "train.freeze=[backbone, each, both]",
        f"train.optimizer={{{optimizer}}}",
    )
    changed = run(found, tmp_path)
    frozen = {path for path in changed if path.split("/")[0] in ("backbone", "each", "both")}
    frozen |= {path for path in changed if path.startswith(("conv", "bn1"))}
    assert len(frozen) == 3 + 4 + 2 + 6
    assert not [path for path in frozen if changed[path]]
    assert all(changed[path] for path in changed.keys() - frozen)
    assert len(changed) == len(frozen) + 4 + 2


def test_batch_normalization_is_trained_with_the_statistics_that_it_has(tmp_path: Path) -> None:
    found = prepared(tmp_path, "train.batch_norm=inference")
    assert "backbone: 1 layer of batch normalization in inference mode, weights trained" in (
        found.stages[0].frozen.lines()
    )
    changed = run(found, tmp_path)
    still = sorted(path for path in changed if not changed[path])
    assert still == [
        "batch_normalization/moving_mean",
        "batch_normalization/moving_variance",
        "bn1/moving_mean",
        "bn1/moving_variance",
    ]


def test_own_batch_normalization_is_trained_as_in_keras(tmp_path: Path) -> None:
    changed = run(prepared(tmp_path, "train.freeze={layers: backbone, except: bn1}"), tmp_path)
    assert changed["bn1/moving_mean"] and changed["bn1/gamma"]
    assert not changed["conv1/kernel"] and not changed["conv2/bias"]


SHORT = {
    **{f"{number}d": f"stage.{number}.dense" for number in range(3)},
    **{f"{number}b": f"stage.{number}.batch_normalization" for number in range(3)},
}


@pytest.mark.parametrize(
    ("text", "frozen"),
    [
        ("stem", "stem"),
        ("stage", "0d 0b 1d 1b 2d 2b"),
        ("stage.1", "1d 1b"),
        ("stage/1", "1d 1b"),
        ("[stem, 's*e*']", "stem 0d 0b 1d 1b 2d 2b side"),
        ("{until: stage.1.dense}", "stem 0d 0b 1d"),
        ("{until: stage.0}", "stem 0d 0b"),
        ("{until: joined}", "stem 0d 0b 1d 1b 2d 2b side"),
        ("{until: side}", "stem side"),
        ("{until: row, layers: [stem, side, head]}", "stem side"),
        ("{first: 2}", "stem 0d"),
        ("{first: 0.5}", "stem 0d 0b 1d 1b"),  # of 10 layers with weights
        ("{first: 0.04}", "stem"),
        ("{last: 1}", "head"),
        ("{last: 0.3}", "side row head"),
        ("{layers: stage, first: 0.5}", "0d 0b 1d"),
        ("{layers: stage, except: [stage.2, '*.0.*']}", "1d 1b"),
        ("{except: head}", "stem 0d 0b 1d 1b 2d 2b side row"),
        ("BatchNormalization", "0b 1b 2b"),
        ("{layers: '*', except: [BatchNormalization, head]}", "stem 0d 1d 2d side"),
        ("{layers: row, except: row/layers.2}", ""),
    ],
)
def test_selectors(text: str, frozen: str) -> None:
    model, graph = built(PARTS)
    counts = apply_freezing(model, graph, freeze_of(text)).layers
    expected = [SHORT.get(name, name) for name in frozen.split()]
    assert [path for path, it in counts.items() if it.frozen] == expected
    sizes = {id(it): it.shape.num_elements() for it in model.weights}
    trained_sizes = sum(sizes[id(it)] for it in model.trainable_variables)
    kept = 2 * 4 * 3 + 2 * 3  # moving means and variances
    of_frozen = 8 * sum(name.endswith("b") for name in frozen.split())
    of_frozen += 6 * ("row" in frozen.split())
    held = sum(it.frozen_parameters for it in counts.values())
    assert trained_sizes == sum(sizes.values()) - held - kept + of_frozen


def test_some_of_the_layers_in_an_argument() -> None:
    model, graph = built(PARTS)
    row = model.get_layer("row")
    counts = apply_freezing(model, graph, freeze_of("{layers: row, except: row/layers.2}")).layers
    assert counts["row"] == Counts(1, 0, 15 + 12 + 8, 15 + 6, 0)
    assert [layer.trainable for layer in row.layers] == [False, False, True]
    apply_freezing(model, graph, freeze_of("BatchNormalization"))
    assert [layer.trainable for layer in row.layers] == [True, False, True]


def test_a_class_under_any_of_its_names() -> None:
    model, graph = built(
        "model:\n  inputs: {x: {shape: [8, 8, 2]}}\n  layers:\n"
        "    - Conv2D: {filters: 2, kernel_size: 1}\n"
        "    - DepthwiseConv2D: {kernel_size: 1}\n"
        "    - Flatten\n    - Dense: 1\n"
    )
    apply_freezing(model, graph, freeze_of("Convolution2D"))
    assert [path.split("/")[0] for path in trained(model)] == ["depthwise_conv2d"] * 2 + [
        "dense"
    ] * 2


def test_each_time_it_begins_with_the_model_as_it_was_built() -> None:
    text = PARTS.replace(
        "Dense: 4\n      name: side", "Dense: {units: 4, trainable: false}\n      name: side"
    )
    model, graph = built(text)
    before = trained(model)
    assert not [path for path in before if path.startswith("side")]
    for selector in ("stage", "{last: 3}", "stem"):
        apply_freezing(model, graph, freeze_of(selector))
        assert set(trained(model)) < set(before)
    apply_freezing(model, graph, freeze_of("[]"), "inference")
    assert trained(model) == before
    frozen = apply_freezing(model, graph, None)
    assert trained(model) == before
    assert frozen.lines() == ["side: 20 parameters frozen"]
    assert model.get_layer("stage.0.batch_normalization").trainable


def test_what_is_refused_below_the_line_is_what_is_refused_above() -> None:
    model, graph = built(PARTS)
    with pytest.raises(Refused) as refused:
        apply_freezing(model, graph, freeze_of("{layers: [stem, stagee], except: heat}"))
    assert [it.rule for it in refused.value.findings] == ["freeze-nothing"] * 2
    hints = [it.hint for it in refused.value.findings]
    assert hints == ["did you mean `stage`?", "did you mean `head`?"]


# --- loaded models ----------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """By plain Keras: a model with a branch, a wrapper, a model in it; some of it was frozen."""
    keras.backend.clear_session()
    clip = keras.Input((3, 8, 8, 1), name="clip")
    inner = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(2, 3, name="conv"),
            keras.layers.BatchNormalization(name="bn"),
            keras.layers.GlobalAveragePooling2D(name="pool"),
        ],
        name="frame",
    )
    frames = keras.layers.TimeDistributed(inner, name="frames")(clip)
    left = keras.layers.Bidirectional(keras.layers.LSTM(2), name="left")(frames)
    right = keras.layers.Dense(4, name="right")(keras.layers.Flatten(name="flat")(frames))
    both = keras.layers.Add(name="both")([left, right])
    norm = keras.layers.BatchNormalization(name="norm")(both)
    model = keras.Model(clip, keras.layers.Dense(3, name="top")(norm), name="base")
    model.get_layer("right").trainable = False
    model.save(tmp_path / "base.keras")
    return tmp_path


LOADED = """\
model:
  inputs: {{clip: {{shape: [3, 8, 8, 1]}}}}
  layers:
    - load: {{path: base.keras{more}}}
      name: backbone
    - BatchNormalization: {{name: own}}
    - Dense: 1
      name: head
"""


def layer_names(model: keras.Model) -> set[str]:
    return {path.split("/")[0] for path in trained(model)} - {"own", "head"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("backbone", set()),
        ("backbone/frames", {"forward_lstm", "backward_lstm", "right", "norm", "top"}),
        ("frames/conv", {"bn", "forward_lstm", "backward_lstm", "right", "norm", "top"}),
        ("LSTM", {"conv", "bn", "right", "norm", "top"}),
        ("TimeDistributed", {"forward_lstm", "backward_lstm", "right", "norm", "top"}),
        ("{layers: backbone, except: [top, norm]}", {"top", "norm"}),
        ("{until: both}", {"norm", "top"}),
        ("{until: backbone/right}", {"forward_lstm", "backward_lstm", "norm", "top"}),
        ("{layers: backbone, until: frames.bn}",
         {"forward_lstm", "backward_lstm", "right", "norm", "top"}),
        ("{layers: backbone, first: 2}", {"forward_lstm", "backward_lstm", "right", "norm", "top"}),
    ],
)  # fmt: skip
def test_layers_of_a_loaded_model(text: str, left: set[str], saved: Path) -> None:
    model, graph = built(LOADED.format(more=""), saved)
    apply_freezing(model, graph, freeze_of(text))
    assert layer_names(model) == left
    # What can be told from the file alone is the same.
    findings = Findings()
    path = saved / "spec.yaml"
    path.write_text(
        LOADED.format(more="") + f"train:\n  loss: MeanSquaredError\n  freeze: {text}\n"
    )
    assert load(str(path), (), findings) is not None, render(findings)


def test_what_was_frozen_when_it_was_saved(saved: Path) -> None:
    model, graph = built(LOADED.format(more=""), saved)
    apply_freezing(model, graph, None)
    assert "right" not in layer_names(model)  # as it was saved
    apply_freezing(model, graph, freeze_of("[]"))
    assert "right" in layer_names(model)  # the spec says what is frozen: nothing
    model, graph = built(LOADED.format(more=", trainable: false"), saved)
    apply_freezing(model, graph, freeze_of("[]"))
    assert not layer_names(model)
    model, graph = built(LOADED.format(more=", trainable: true"), saved)
    apply_freezing(model, graph, None)
    assert "right" in layer_names(model)


def test_a_model_up_to_a_layer(saved: Path) -> None:
    text = LOADED.format(more=", until: both")
    model, graph = built(text, saved)
    frozen = apply_freezing(model, graph, freeze_of("{layers: backbone, except: right}"))
    assert layer_names(model) == {"right"}
    # conv, bn, left and right: 20, 8, 80 and 28 weights.
    assert frozen.groups()["backbone"] == Counts(4, 3, 136, 108, 0)


def statistics(model: keras.Model) -> dict[str, bytes]:
    return {it.path: it.numpy().tobytes() for it in model.weights if "moving" in it.path}


@pytest.mark.parametrize(
    ("mode", "kept"),
    [("auto", {"bn", "norm"}), ("train", set()), ("inference", {"bn", "norm", "own"})],
)
def test_statistics_of_loaded_models(mode: str, kept: set[str], saved: Path) -> None:
    model, graph = built(LOADED.format(more=""), saved)
    frozen = apply_freezing(model, graph, freeze_of("[]"), mode)
    assert frozen.total.inference == len(kept)
    before, gamma = statistics(model), model.get_layer("backbone").get_layer("norm").gamma.numpy()
    model.compile("SGD", "mse")
    rows = np.random.default_rng(0).normal(3.0, 2.0, (16, 3, 8, 8, 1))
    model.fit(rows, np.ones((16, 1)), epochs=2, verbose=0)
    after = statistics(model)
    assert {path.split("/")[-2] for path in before if after[path] == before[path]} == kept
    assert (gamma != model.get_layer("backbone").get_layer("norm").gamma.numpy()).any()
    # Saved and loaded it computes the same, and what it was saved with can be trained again.
    model.save(saved / "after.keras")
    again = load_model(str(saved / "after.keras"))
    np.testing.assert_array_equal(model.predict(rows, verbose=0), again.predict(rows, verbose=0))


def test_frozen_batch_normalization_keeps_its_statistics_whatever_the_mode(saved: Path) -> None:
    model, graph = built(LOADED.format(more=""), saved)
    apply_freezing(model, graph, freeze_of("backbone"), "train")
    before = {it.path: it.numpy().tobytes() for it in model.get_layer("backbone").weights}
    model.compile("SGD", "mse")
    rows = np.random.default_rng(0).normal(3.0, 2.0, (16, 3, 8, 8, 1))
    model.fit(rows, np.ones((16, 1)), epochs=1, verbose=0)
    assert before == {it.path: it.numpy().tobytes() for it in model.get_layer("backbone").weights}


# --- what is told -----------------------------------------------------------------------------


def test_many_layers_are_told_in_a_few_lines() -> None:
    frozen = Frozen({f"conv{number}": Counts(1, 1, 10, 10) for number in range(40)})
    lines = frozen.lines()
    assert len(lines) == 12
    assert lines[0] == "conv0: 10 parameters frozen"
    assert lines[-1] == "29 more: 29 of 29 layers with weights, 290 parameters frozen"


def test_blocks_and_models_are_told_as_one() -> None:
    model, graph = built(PARTS)
    frozen = apply_freezing(model, graph, freeze_of("{layers: [stage, stem], except: stage.2}"))
    assert frozen.lines() == [
        "stem: 28 parameters frozen",
        "stage: 4 of 6 layers with weights, 72 parameters frozen",
    ]


def test_a_small_batch_is_warned_of_once(saved: Path) -> None:
    data = "data: {train: {NPZ: {path: clips.npz, inputs: clip}}, validation: 0.5, batch_size: 4}\n"
    text = LOADED.format(more="") + "train:\n  loss: MeanSquaredError\n"
    (saved / "spec.yaml").write_text(data + text)
    clips = np.zeros((8, 3, 8, 8, 1), "float32")
    np.savez(saved / "clips.npz", clip=clips, y=np.zeros(8, "float32"))
    findings = Findings()
    prepare_model(str(saved / "spec.yaml"), ["train.batch_norm=train"], findings)
    (warning,) = [it for it in findings.warnings if it.rule == "batch-norm-of-few"]
    assert "batches of 4 samples" in warning.message
    findings = Findings()
    prepare_model(str(saved / "spec.yaml"), [], findings)
    assert "batch-norm-of-few" not in [it.rule for it in findings]


def test_a_model_that_begins_with_the_weights_of_a_file(tmp_path: Path) -> None:
    inner = "layers: [{Dense: 4, name: a}, BatchNormalization]"
    text = (
        f"model:\n  inputs: {{x: {{shape: [4]}}}}\n  layers:\n"
        f"    - model: {{{inner}, weights: WEIGHTS}}\n      name: backbone\n    - Dense: 1\n"
    )
    plain, _ = built(text.replace(", weights: WEIGHTS", ""))
    plain.get_layer("backbone").save_weights(tmp_path / "w.weights.h5")
    for weights, kept in (("w.weights.h5", 1), ("{from: w.weights.h5, partial: true}", 0)):
        model, graph = built(text.replace("WEIGHTS", weights), tmp_path)
        assert apply_freezing(model, graph, None).total.inference == kept


def test_what_the_file_tells_is_what_the_built_model_tells(saved: Path) -> None:
    for more in ("", ", until: both", ", until: right", ", until: frames"):
        model, graph = built(LOADED.format(more=more), saved)
        assert selectables(graph, look) == Layers(model, graph).everything


def test_layers_of_files_of_keras_2_know_what_they_are_called_on() -> None:
    def layer(name: str, *sources: str) -> dict[str, object]:
        nodes = [[[source, 0, 0, {}] for source in sources]] if sources else []
        kind = "Dense" if sources else "InputLayer"
        config = {"name": name, "batch_input_shape": [None, 4]}
        return {"class_name": kind, "config": config, "name": name, "inbound_nodes": nodes}

    layers = [layer("x"), layer("a", "x"), layer("b", "x"), layer("c", "a", "b")]
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [["c", 0, 0]]}
    structure = structure_of({"class_name": "Model", "config": {"layers": layers, **ends}})
    assert [it.sources for it in structure.layers.values()] == [(), ("x",), ("x",), ("a", "b")]


def test_a_name_of_another_call_means_the_layer() -> None:
    model, graph = built(
        "model:\n  inputs: {x: {shape: [4]}}\n  layers:\n    - Dense: 4\n      name: once\n"
        "    - use: once\n      name: twice\n    - Dense: 1\n      name: head\n"
    )
    for text in ("twice", "{until: twice}", "once"):
        assert apply_freezing(model, graph, freeze_of(text)).lines() == [
            "once: 20 parameters frozen"
        ]


def test_a_selector_may_be_long_and_costs_nothing() -> None:
    model, graph = built(PARTS)
    with pytest.raises(Refused):
        apply_freezing(model, graph, freeze_of('"' + "*a" * 200 + '"'))
    with pytest.raises(Refused):
        apply_freezing(model, graph, freeze_of('"' + "*a" * 100 + '"'))
