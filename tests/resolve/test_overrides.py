"""`--set path=value`."""

from __future__ import annotations

from typing import Any

import pytest

from modelforge.document import Mapping, parse, plain
from modelforge.findings import Findings, Source
from modelforge.findings.text import render
from modelforge.resolve import resolve

SPEC = """\
vars: {width: 8}
model:
  layers:
    - Conv2D: {filters: 3}
      name: stem
    - Dense: 64
    - Dense: {units: "${width}", name: head}
    - Dropout
    - ops.reshape: {newshape: [-1]}
    - StackedRNNCells: [{LSTM: 3}]
train:
  optimizer: Adam
  metrics: [Accuracy]
  callbacks:
"""
FIRST = {"Dense": "units", "Dropout": "rate", "StackedRNNCells": "cells"}


def apply(*overrides: str) -> tuple[Any, Findings]:
    findings = Findings()
    root = parse(Source("s.yaml", SPEC), findings)
    assert root is not None
    found = resolve(root, overrides, findings, None, FIRST.get)
    assert isinstance(found, Mapping)
    return plain(found), findings


def layers(*overrides: str) -> list[Any]:
    found, findings = apply(*overrides)
    assert not findings.errors, render(findings)
    return found["model"]["layers"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("override", "index", "layer"),
    [
        ("model.layers.0.Conv2D.filters=9", 0, {"Conv2D": {"filters": 9}, "name": "stem"}),
        ("model.layers.stem.Conv2D.filters=9", 0, {"Conv2D": {"filters": 9}, "name": "stem"}),
        ("model.layers.Conv2D.filters=9", 0, {"Conv2D": {"filters": 9}, "name": "stem"}),
        ("model.layers.stem.trainable=false", 0,
         {"Conv2D": {"filters": 3}, "name": "stem", "trainable": False}),
        ("model.layers.1.Dense=32", 1, {"Dense": 32}),
        ("model.layers.1.Dense.units=32", 1, {"Dense": {"units": 32}}),
        ("model.layers.1.Dense.activation=relu", 1, {"Dense": {"units": 64, "activation": "relu"}}),
        ("model.layers.head.Dense.units=5", 2, {"Dense": {"units": 5, "name": "head"}}),
        ("model.layers.head.Dense.units=${width * 2}", 2, {"Dense": {"units": 16, "name": "head"}}),
        ("model.layers.Dropout.rate=0.5", 3, {"Dropout": {"rate": 0.5}}),
        ("model.layers.Dropout=0.5", 3, {"Dropout": 0.5}),
        ("model.layers.3.Dropout.rate=0.5", 3, {"Dropout": {"rate": 0.5}}),
        ("model.layers.ops.reshape.newshape=[1, 2]", 4, {"ops.reshape": {"newshape": [1, 2]}}),
        ("model.layers.-2.ops.reshape.newshape.0=7", 4, {"ops.reshape": {"newshape": [7]}}),
        ("model.layers.StackedRNNCells.0.LSTM=9", 5, {"StackedRNNCells": [{"LSTM": 9}]}),
        ("model.layers.3={ReLU: {max_value: 6}}", 3, {"ReLU": {"max_value": 6}}),
    ],
)  # fmt: skip
def test_layers(override: str, index: int, layer: object) -> None:
    assert layers(override)[index] == layer


def test_overrides_follow_each_other() -> None:
    found, findings = apply(
        "train.optimizer.Adam.learning_rate=1e-3",
        "train.optimizer.Adam.beta_1=0.8",
        "train.epochs=3",
        "name=digits",
        "train.metrics.0=MeanSquaredError",
        "vars.width=12",
    )
    assert not findings.items
    assert found["train"] == {
        "optimizer": {"Adam": {"learning_rate": 0.001, "beta_1": 0.8}},
        "metrics": ["MeanSquaredError"],
        "callbacks": None,
        "epochs": 3,
    }
    assert found["name"] == "digits"
    assert found["model"]["layers"][2]["Dense"]["units"] == 12


def test_places_are_in_the_override() -> None:
    findings = Findings()
    root = parse(Source("s.yaml", SPEC), findings)
    assert root is not None
    found = resolve(root, ["train.epochs=-3"], findings, None, FIRST.get)
    train = found.get("train")
    assert isinstance(train, Mapping)
    entry = train.entries["epochs"]
    assert str(entry.key_span) == "--set:1:7" and str(entry.value.span) == "--set:1:14"
    assert entry.value.span.source.text == "train.epochs=-3"


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        (
            "trian.epochs=3",
            "--set:1:1: error[unknown-path]: there is no `trian` in the spec\n"
            "   1 | trian.epochs=3\n"
            "     | ^^^^^ did you mean `train`?\n"
            "  note: it has: vars, model, train\n",
        ),
        (
            "model.layers.haed.Dense.units=5",
            "--set:1:14: error[unknown-path]: no item of the list is called `haed`\n"
            "   1 | model.layers.haed.Dense.units=5\n"
            "     |              ^^^^ did you mean `head`?\n"
            "  note: its items: stem, Conv2D, Dense, head, Dropout, ops.reshape, StackedRNNCells\n",
        ),
        (
            "model.layers.Dense.units=5",
            "--set:1:14: error[unknown-path]: `Dense` stands 2 times in the list\n"
            "   1 | model.layers.Dense.units=5\n"
            "     |              ^^^^^ name the item by its `name` or its number\n"
            "  note: their numbers: 1, 2\n",
        ),
        (
            "model.layers.6.Dense=5",
            "--set:1:14: error[unknown-path]: the list has no item 6\n"
            "   1 | model.layers.6.Dense=5\n"
            "     |              ^\n"
            "  note: it has 6 items, counted from 0\n",
        ),
        (
            "train.optimizer.learning_rate=1",
            "--set:1:17: error[unknown-path]: `train.optimizer` is `Adam` and has no "
            "`learning_rate`\n"
            "   1 | train.optimizer.learning_rate=1\n"
            "     |                 ^^^^^^^^^^^^^ write `train.optimizer.Adam.learning_rate=...`\n",
        ),
        (
            "extends=base.yaml",
            "--set:1:1: error[unknown-path]: `extends` is obeyed before paths are followed\n"
            "   1 | extends=base.yaml\n"
            "     | ^^^^^^^ write it into the spec\n",
        ),
        (
            "train.epochs",
            "--set:1:1: error[override]: an override is written `path=value`\n"
            "   1 | train.epochs\n"
            "     | ^^^^^^^^^^^^\n"
            "  note: for example `train.epochs=5` or `model.layers.head.Dense.units=10`\n",
        ),
    ],
)
def test_paths_to_nowhere(override: str, expected: str) -> None:
    found, findings = apply(override)
    assert render(findings.errors) == expected
    assert found == apply()[0]


@pytest.mark.parametrize(
    "override", ["", "=", "=3", ".=3", "a..b=3", "a." * 100 + "b=3", "a=[", "a=\x07"]
)
def test_nonsense_is_refused(override: str) -> None:
    _, findings = apply(override)
    assert findings.errors and all(f.span and f.span.source.name == "--set" for f in findings)
