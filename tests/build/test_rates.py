"""`learning_rate_multipliers` and `layer_decay`: the rate of each weight of a model."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from modelforge.build import build_model
from modelforge.build.freezing import apply_freezing
from modelforge.build.rates import ByVariable, find_rates
from modelforge.data.bundle import Tensor
from modelforge.document import parse
from modelforge.findings import Findings, Refused, Source, Span
from modelforge.findings.text import render
from modelforge.graph import understand
from modelforge.graph.rates.check import foresee_rates
from modelforge.runs import RunFolder, read_history
from modelforge.spec import Object
from modelforge.train import train
from modelforge.train.prepare import prepare_model

SPEC = """\
name: rates
data: {train: Digits, validation: 0.2, batch_size: 64}
model:
  inputs: {scan: {shape: [8, 8, 1]}}
  layers:
    - model:
        layers:
          - Conv2D: {filters: 4, kernel_size: 3, use_bias: false}
            name: low
          - BatchNormalization:
            name: normalized
          - Conv2D: {filters: 4, kernel_size: 3}
            name: high
          - Reshape: {target_shape: [16, 4]}
      name: backbone
    - TimeDistributed: {layer: {Dense: 4}}
      name: each
    - use: each
      name: again
    - Pipeline: {layers: [{Dense: 3}, {Dense: 2}]}
      name: row
    - Flatten
    - Dense: {units: 10, activation: softmax}
      name: head
train:
  loss: SparseCategoricalCrossentropy
  epochs: 2
"""


ONE_STEP = ("data.batch_size=1438", "train.epochs=1", "train.optimizer={SGD: 0.5}")


def rates(*lines: str) -> dict[str, list[float]]:
    """By path of a layer the number of each of its kernels, by Keras; the graph foretells it."""
    findings = Findings()
    text = SPEC + "".join(f"  {line}\n" for line in lines)
    root = parse(Source("spec.yaml", text), findings)
    loaded = root and understand(root, [], findings)
    assert loaded and loaded.spec.train is not None, render(findings)
    section = loaded.spec.train
    model = build_model(loaded.graph, {"scan": Tensor((8, 8, 1), "float32")}, "rates")
    frozen = apply_freezing(model, loaded.graph, section.freeze)
    found = find_rates(model, loaded.graph, section, frozen)
    assert len(found.variables) in (0, len(model.trainable_variables))
    numbers: dict[str, list[float]] = {}
    for path, number in found.variables:
        name, _, weight = path.rpartition("/")
        if weight in ("kernel", "gamma"):
            numbers.setdefault(re.sub(r"_\d+$", "", name), []).append(number)
    return numbers


def test_nothing_asked() -> None:
    assert rates() == {}


@pytest.mark.parametrize(
    ("written", "slow"),
    [
        ("backbone: 0.1", {"low", "normalized", "high"}),
        ('"backbone/*": 0.1', {"low", "normalized", "high"}),
        ("backbone/low: 0.1", {"low"}),
        ("high: 0.1", {"high"}),
        ("Conv2D: 0.1", {"low", "high"}),
        ("again: 0.1", {"each/dense"}),
        ("row: 0.1", {"row/dense"}),
        ("head: 0.1", {"head"}),
        ("head: 5, Dense: 3, h*d: 0.1, each: 1, row: 1", {"head"}),
        ("backbone: 0.1, backbone/high: 1", {"low", "normalized"}),
    ],
)
def test_the_last_line_that_selects_a_layer_holds(written: str, slow: set[str]) -> None:
    found = rates(f"learning_rate_multipliers: {{{written}}}")
    assert {path for path, numbers in found.items() if set(numbers) == {0.1}} == slow
    assert {it for path, numbers in found.items() if path not in slow for it in numbers} == {1.0}


def test_a_layer_in_a_list_has_a_rate_of_its_own() -> None:
    found = rates("learning_rate_multipliers: {row/layers.0: 0.1}")
    assert found["row/dense"] == [0.1, 1]


DECAYED = {
    "low": [0.5**5],
    "normalized": [0.5**5],
    "high": [0.5**4],
    "each/dense": [0.5**3],  # called twice: the first call is three layers from the output
    "row/dense": [0.5, 0.5],
    "head": [1],
}


def test_the_rate_falls_from_layer_to_layer() -> None:
    assert rates("layer_decay: 0.5") == DECAYED


def test_frozen_layers_count_but_have_no_rate() -> None:
    without = {
        path: numbers for path, numbers in DECAYED.items() if path not in ("low", "each/dense")
    }
    assert rates("layer_decay: 0.5", "freeze: [low, each]") == without


def test_both_are_multiplied() -> None:
    found = rates("layer_decay: 0.5", "learning_rate_multipliers: {backbone: 0.1, head: 10}")
    factors = {"low": 0.1, "normalized": 0.1, "high": 0.1, "head": 10}
    assert found == {
        path: [number * factors.get(path, 1) for number in numbers]
        for path, numbers in DECAYED.items()
    }


def test_keras_is_told_what_the_graph_foretells() -> None:
    findings = Findings()
    plain = SPEC.replace(
        "    - Pipeline: {layers: [{Dense: 3}, {Dense: 2}]}\n      name: row\n", ""
    )
    text = f"{plain}  layer_decay: 0.5\n  learning_rate_multipliers: {{high: 3}}\n  freeze: low\n"
    root = parse(Source("spec.yaml", text), findings)
    loaded = root and understand(root, [], findings)
    assert loaded and loaded.spec.train is not None, render(findings)
    section = loaded.spec.train
    model = build_model(loaded.graph, {"scan": Tensor((8, 8, 1), "float32")}, "rates")
    frozen = apply_freezing(model, loaded.graph, section.freeze)
    told = foresee_rates(loaded.graph, loaded.known, section)
    assert told == find_rates(model, loaded.graph, section, frozen).rates
    assert told is not None and told.lines() == [
        "backbone: 0.0625 to 0.375 times the learning rate (2 layers with weights)",
        "each: 0.25 times the learning rate",
        "head: 1 times the learning rate",
    ]


def run(folder: Path, *overrides: str, text: str = SPEC) -> tuple[Any, RunFolder]:
    """The model before and after, by weight, and the run's folder."""
    (folder / "spec.yaml").write_text(text, encoding="utf-8")
    prepared = prepare_model(str(folder / "spec.yaml"), overrides, Findings())
    before = weights_of(prepared.model)
    run_folder = RunFolder.create(folder / "runs", "rates")
    train(prepared, run_folder)
    after = weights_of(prepared.model)
    return [one - other for one, other in zip(after, before, strict=True)], run_folder


def weights_of(model: keras.Model) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(it) for it in model.trainable_variables]


def test_a_step_is_as_much_shorter(tmp_path: Path) -> None:
    steps, _ = run(tmp_path, *ONE_STEP)
    shorter, folder = run(tmp_path, *ONE_STEP, "train.layer_decay=0.5")
    assert any(np.abs(step).max() > 1e-3 for step in steps)
    expected = [*[0.5**5] * 3, *[0.5**4] * 2, *[0.5**3] * 2, *[0.5] * 4, 1, 1]
    for step, other, factor in zip(steps, shorter, expected, strict=True):
        np.testing.assert_allclose(other, step * factor, rtol=1e-3, atol=1e-6)
    assert [row["learning_rate"] for row in read_history(folder.path)] == [0.5]


def test_a_plateau_lowers_the_rate_of_all(tmp_path: Path) -> None:
    watch = "{monitor: val_loss, factor: 0.5, patience: 0, min_delta: 100.0, cooldown: 0}"
    _, folder = run(
        tmp_path,
        "train.epochs=3",
        f"train.callbacks=[{{ReduceLROnPlateau: {watch}}}]",
        "train.optimizer={AdamW: 0.25}",
        "train.layer_decay=0.5",
    )
    assert [row["learning_rate"] for row in read_history(folder.path)] == [0.25, 0.125, 0.0625]
    saved = keras.models.load_model(folder.path / "final.keras")
    assert float(saved.optimizer.learning_rate) == 0.0625
    numbers = [number for _, number in saved.optimizer.get_config()["multipliers"]]
    assert numbers == [*[0.5**5] * 3, *[0.5**4] * 2, *[0.5**3] * 2, *[0.5] * 4, 1, 1]


def test_a_loaded_network_is_known_to_keras_only(tmp_path: Path) -> None:
    text = re.sub(
        r"    - model:.*?name: head",
        "    - MobileNet: {weights: null, include_top: false, alpha: 0.25, pooling: avg}\n"
        "      name: backbone\n    - Dense: {units: 10, activation: softmax}\n      name: head",
        SPEC.replace("[8, 8, 1]", "[32, 32, 3]"),
        flags=re.DOTALL,
    ).replace("data: {train: Digits, validation: 0.2, batch_size: 64}\n", "")
    findings = Findings()
    root = parse(
        Source("spec.yaml", f"{text}  learning_rate_multipliers: {{conv_pw_1: 0.1}}\n"), findings
    )
    loaded = root and understand(root, [], findings)
    assert loaded and loaded.spec.train is not None, render(findings)
    section = loaded.spec.train
    model = build_model(loaded.graph, {"scan": Tensor((32, 32, 3), "float32")}, "rates")
    frozen = apply_freezing(model, loaded.graph, None)
    assert foresee_rates(loaded.graph, loaded.known, section) is None
    found = find_rates(model, loaded.graph, section, frozen)
    slow = {path for path, number in found.rates.layers.items() if number == 0.1}
    assert slow == {"backbone/conv_pw_1"}
    decayed = find_rates(
        model, loaded.graph, replace(section, learning_rate_multipliers={}, layer_decay=0.9), frozen
    ).rates.layers
    # 27 convolutions one after the other; normalization has the rate of its convolution.
    assert decayed["backbone/conv1"] == decayed["backbone/conv1_bn"] == pytest.approx(0.9**27)
    assert decayed["backbone/conv_pw_13_bn"] == pytest.approx(0.9)
    misspelt = replace(section, learning_rate_multipliers={"conv_pw_99": 0.1})
    with pytest.raises(Refused) as refused:
        find_rates(model, loaded.graph, misspelt, frozen)
    assert "`conv_pw_99` selects no layer" in render(refused.value.findings)


class Whole(keras.optimizers.Optimizer):
    """Updates all weights at once."""

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        """Nothing."""


class Forgetful(keras.optimizers.SGD):
    """Does not say in its configuration what it was made with."""

    def __init__(self, power: float, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.power = power


@pytest.mark.parametrize(
    ("optimizer", "rule", "said"),
    [
        (Whole(0.1), "rates-optimizer", "it has no `update_step`"),
        (Forgetful(2.0), "keras-argument", "Keras does not accept `Own`"),
    ],
)
def test_an_optimizer_of_a_plugin_that_cannot_have_them(
    optimizer: Any, rule: str, said: str
) -> None:
    source = Source("spec.yaml", "  optimizer: Own\n")
    wanted = Object("optimizer", "Own", {}, Span(source, 1, 14, 1, 17))
    with pytest.raises(Refused) as refused:
        ByVariable(variables=(("dense/kernel", 0.5),)).applied_to(optimizer, wanted)
    (finding,) = refused.value.findings
    assert (finding.rule, finding.span) == (rule, wanted.span) and said in finding.message
