"""`extends`, `without` and `patch`: which value wins, and where it is said to be written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelforge.document import Mapping, plain
from modelforge.document.nodes import at
from modelforge.findings import Findings
from modelforge.findings.text import render
from modelforge.graph import load

BASE = """\
modelforge: 1
vars: {width: 8, optimizer: {Adam: 1e-3}}
model:
  inputs: {x: {shape: [4]}}
  layers:
    - Dense: "${width}"
    - Dense: 3
      name: head
train:
  loss: {Huber: {delta: 2.0}}
  optimizer: {Adam: {learning_rate: 1e-3, beta_1: 0.8}}
  metrics: [MeanSquaredError]
  epochs: 10
  callbacks: [TerminateOnNaN]
"""


class Specs:
    """A folder of specs that a test writes, of which one is loaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.findings = Findings()

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def document(self, text: str, *overrides: str) -> Mapping:
        self.write("spec.yaml", text)
        loaded = load("spec.yaml", overrides, self.findings)
        assert loaded, render(self.findings)
        return loaded.root

    def plain(self, text: str, *overrides: str) -> Any:
        return plain(self.document(text, *overrides))

    def errors(self, text: str) -> str:
        self.write("spec.yaml", text)
        assert load("spec.yaml", (), self.findings) is None
        return render(self.findings.errors)


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Specs:
    monkeypatch.chdir(tmp_path)
    found = Specs(tmp_path)
    found.write("base.yaml", BASE)
    return found


def test_mappings_merge_and_lists_are_replaced(specs: Specs) -> None:
    found = specs.plain("extends: base.yaml\ntrain: {epochs: 3, metrics: [MeanAbsoluteError]}\n")
    assert found["train"]["epochs"] == 3
    assert found["train"]["metrics"] == ["MeanAbsoluteError"]
    assert found["train"]["callbacks"] == ["TerminateOnNaN"]
    assert found["model"]["layers"][1] == {"Dense": 3, "name": "head"}
    assert not found.keys() & {"extends", "without", "patch", "vars"}


def test_the_later_base_wins_and_the_spec_over_all(specs: Specs) -> None:
    specs.write("a.yaml", "train: {epochs: 1, seed: 1, deterministic: true}\n")
    specs.write("b.yaml", "train: {epochs: 2, seed: 2}\n")
    found = specs.plain("extends: [base.yaml, a.yaml, b.yaml]\ntrain: {epochs: 3}\n")["train"]
    assert (found["epochs"], found["seed"], found["deterministic"]) == (3, 2, True)


def test_paths_are_relative_to_the_file_that_says_them(specs: Specs) -> None:
    specs.write("parts/optimizers/slow.yaml", "train: {optimizer: {Adam: 1e-6}}\n")
    specs.write("parts/slow.yaml", "extends: [optimizers/slow.yaml, ../base.yaml]\n")
    found = specs.plain("extends: parts/slow.yaml\n")
    assert found["train"]["optimizer"] == {"Adam": {"learning_rate": 1e-3, "beta_1": 0.8}}


def test_a_base_that_two_specs_extend_may_come_in_twice(specs: Specs) -> None:
    specs.write("a.yaml", "extends: base.yaml\ntrain: {seed: 4}\n")
    specs.write("b.yaml", "extends: base.yaml\ntrain: {epochs: 4}\n")
    found = specs.plain("extends: [a.yaml, b.yaml]\n")["train"]
    assert (found["seed"], found["epochs"]) == (4, 4)


@pytest.mark.parametrize(
    ("written", "optimizer"),
    [
        ("{Adam: {beta_2: 0.9}}", {"Adam": {"learning_rate": 1e-3, "beta_1": 0.8, "beta_2": 0.9}}),
        ("{adam: {beta_1: 0.7}}", {"adam": {"learning_rate": 1e-3, "beta_1": 0.7}}),
        ("{Adam: 0.5}", {"Adam": {"learning_rate": 0.5, "beta_1": 0.8}}),
        ("Adam", "Adam"),
        ("{Adam: }", {"Adam": None}),
        ("{SGD: 0.1}", {"SGD": 0.1}),
        ("{SGD: {momentum: 0.9}}", {"SGD": {"momentum": 0.9}}),
        ("SGD", "SGD"),
    ],
)
def test_a_form_stays_one_word(specs: Specs, written: str, optimizer: object) -> None:
    found = specs.plain(f"extends: base.yaml\ntrain: {{optimizer: {written}}}\n")
    assert found["train"]["optimizer"] == optimizer


def test_a_short_form_takes_further_arguments(specs: Specs) -> None:
    specs.write("short.yaml", "extends: base.yaml\ntrain: {optimizer: {SGD: 0.1}}\n")
    found = specs.plain("extends: short.yaml\ntrain: {optimizer: {SGD: {momentum: 0.9}}}\n")
    assert found["train"]["optimizer"] == {"SGD": {"learning_rate": 0.1, "momentum": 0.9}}


def test_objects_within_objects_are_forms_as_well(specs: Specs) -> None:
    decay = "{ExponentialDecay: {initial_learning_rate: 1, decay_steps: 9, decay_rate: 0.5}}"
    specs.write(
        "a.yaml",
        f"extends: base.yaml\ntrain: {{optimizer: {{Adam: {{learning_rate: {decay}}}}}}}\n",
    )
    other = "{CosineDecay: {initial_learning_rate: 1, decay_steps: 9}}"
    head = "extends: a.yaml\ntrain: {optimizer: {Adam: {learning_rate: "
    found = specs.plain(head + other + "}}}\n")["train"]["optimizer"]["Adam"]
    assert list(found["learning_rate"]) == ["CosineDecay"] and found["beta_1"] == 0.8
    found = specs.plain(head + "{ExponentialDecay: {decay_rate: 0.9}}}}}\n")
    rate = found["train"]["optimizer"]["Adam"]["learning_rate"]["ExponentialDecay"]
    assert rate == {"initial_learning_rate": 1, "decay_steps": 9, "decay_rate": 0.9}


@pytest.mark.parametrize(
    ("written", "loss"),
    [
        ("{MeanSquaredError: {reduction: sum}}", {"MeanSquaredError": {"reduction": "sum"}}),
        ("{Huber: {reduction: sum}}", {"Huber": {"delta": 2.0, "reduction": "sum"}}),
        ("{head: MeanSquaredError}", {"head": "MeanSquaredError"}),
    ],
)
def test_a_loss_is_replaced_by_losses_by_output(specs: Specs, written: str, loss: object) -> None:
    found = specs.plain(f"extends: base.yaml\ntrain: {{loss: {written}}}\n")
    assert found["train"]["loss"] == loss


def test_losses_by_output_merge(specs: Specs) -> None:
    specs.write("a.yaml", "extends: base.yaml\ntrain: {loss: {head: {Huber: {delta: 3}}}}\n")
    found = specs.plain("extends: a.yaml\ntrain: {loss: {head: {Huber: {reduction: sum}}}}\n")
    assert found["train"]["loss"] == {"head": {"Huber": {"delta": 3, "reduction": "sum"}}}


def test_an_object_in_a_variable_stays_one_word(specs: Specs) -> None:
    found = specs.plain(
        "extends: base.yaml\nvars: {optimizer: {SGD: 0.1}}\ntrain: {optimizer: '${optimizer}'}\n"
    )
    assert found["train"]["optimizer"] == {"SGD": 0.1}


def test_a_misspelt_word_is_blamed_once(specs: Specs) -> None:
    found = specs.errors("extends: base.yaml\ntrain: {optimizer: {Adan: {beta_1: 0.5}}}\n")
    assert found.count("error[") == 1 and "did you mean `Adam`?" in found


def test_without_drops_what_is_inherited_and_not_what_is_written(specs: Specs) -> None:
    found = specs.plain(
        "extends: base.yaml\n"
        "without: [train.callbacks, train.optimizer, model.layers.0]\n"
        "train: {optimizer: {Adam: {beta_2: 0.9}}}\n"
    )
    assert "callbacks" not in found["train"]
    assert found["train"]["optimizer"] == {"Adam": {"beta_2": 0.9}}
    assert found["model"]["layers"] == [{"Dense": 3, "name": "head"}]


def test_without_takes_a_single_path(specs: Specs) -> None:
    found = specs.plain("extends: base.yaml\nwithout: train.optimizer.Adam.beta_1\n")
    assert found["train"]["optimizer"] == {"Adam": {"learning_rate": 1e-3}}


def test_patch_comes_last_and_set_after_it(specs: Specs) -> None:
    text = (
        "extends: base.yaml\nwithout: train.callbacks\ntrain: {epochs: 4}\n"
        "patch:\n  train.epochs: 5\n  model.layers.head.Dense.units: '${width // 2}'\n"
        "  train.callbacks: [{EarlyStopping: {patience: 2}}]\n"
    )
    found = specs.plain(text)
    assert found["train"]["epochs"] == 5
    assert found["model"]["layers"][1] == {"Dense": {"units": 4}, "name": "head"}
    assert found["train"]["callbacks"] == [{"EarlyStopping": {"patience": 2}}]
    assert specs.plain(text, "train.epochs=6")["train"]["epochs"] == 6


def test_patch_works_without_extends(specs: Specs) -> None:
    assert specs.plain(BASE + "patch: {train.epochs: 2}\n")["train"]["epochs"] == 2


def test_variables_are_merged_before_they_are_used(specs: Specs) -> None:
    found = specs.plain("extends: base.yaml\nvars: {width: 64}\n")
    assert found["model"]["layers"][0] == {"Dense": 64}


def test_values_keep_the_place_where_they_are_written(specs: Specs) -> None:
    root = specs.document("extends: base.yaml\ntrain: {epochs: 3}\n")
    epochs, loss = at(root, ("train", "epochs")), at(root, ("train", "loss"))
    assert epochs and loss
    assert (str(epochs.span), str(loss.span)) == ("spec.yaml:2:17", "base.yaml:10:9")


def test_a_variable_that_only_others_use_is_no_warning(specs: Specs) -> None:
    specs.plain("extends: base.yaml\nvars: {widht: 3}\n")
    (warning,) = specs.findings.warnings
    assert warning.rule == "unused-variable" and warning.hint == "did you mean `width`?"


def test_a_list_without_bases_inherits_nothing(specs: Specs) -> None:
    alone = BASE.replace("modelforge: 1\n", "modelforge: 1\nextends: []\n")
    assert specs.plain(alone)["train"]["epochs"] == 10
    specs.write("middle.yaml", alone)
    assert specs.plain("extends: [middle.yaml]\ntrain: {epochs: 3}\n")["train"]["epochs"] == 3
