"""`modelforge diff`: what makes a difference, what makes none, and how it reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

SPEC = """\
modelforge: 1
data: {train: Digits, validation: 0.2}
model:
  layers:
    - Flatten
    - Dense: {units: 32, activation: relu}
    - Dropout: 0.5
    - Dense: {units: 10, activation: softmax}
train:
  loss: SparseCategoricalCrossentropy
  optimizer: {Adam: 1e-3}
  epochs: 10
  callbacks: [TerminateOnNaN]
"""
# The same, said otherwise: order, short forms, aliases, variables, defaults, an unsaid default.
OTHERWISE = """\
train:
  callbacks:
    - TerminateOnNaN:
  epochs: "${2 * five}"
  optimizer: adam
  loss: {sparse_categorical_crossentropy: {from_logits: false}}
  seed: 0
model:
  layers:
    - Flatten: {}
    - {Dense: {activation: relu, units: 32.0, use_bias: true}}
    - {Dropout: {rate: "${1 / 2}"}}
    - {Dense: {units: 10, activation: softmax, kernel_initializer: glorot_uniform}}
vars: {five: 5}
data: {validation: 0.2, train: {Digits: }}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(OTHERWISE, encoding="utf-8")
    return tmp_path


def changed(before: str, after: str) -> None:
    assert before in SPEC
    Path("c.yaml").write_text(SPEC.replace(before, after), encoding="utf-8")


def test_what_means_the_same_is_equal(modelforge_command: Run) -> None:
    done = modelforge_command("diff", "a.yaml", "b.yaml")
    assert (done.exit_code, done.stdout) == (0, ""), done.stdout
    assert done.stderr == "the specs mean the same\n"


def test_differences_have_their_places(folder: Path, modelforge_command: Run) -> None:
    (folder / "c.yaml").write_text(
        "extends: a.yaml\n"
        "without: train.callbacks\n"
        "vars: {width: 64}\n"
        "train: {optimizer: {SGD: {momentum: 0.9}}, seed: 7}\n"
        "patch: {model.layers.1.Dense.units: '${width}'}\n",
        encoding="utf-8",
    )
    done = modelforge_command("diff", "a.yaml", "c.yaml")
    assert done.exit_code == 1
    assert done.stdout == (
        "model.layers.1.Dense.units\n"
        "  - 32  (a.yaml:6:22)\n"
        "  + 64  (c.yaml:3:15)\n"
        "train.optimizer\n"
        "  - {Adam: 0.001}  (a.yaml:11:14)\n"
        "  + {SGD: {momentum: 0.9}}  (c.yaml:4:20)\n"
        "train.callbacks\n"
        "  - [TerminateOnNaN]  (a.yaml:13:14)\n"
        "  + nothing\n"
        "train.seed\n"
        "  - 0  (the default)\n"
        "  + 7  (c.yaml:4:50)\n"
    )
    assert done.stderr == "4 differences\n"


def test_a_layer_more_is_one_difference(modelforge_command: Run) -> None:
    changed("    - Dropout: 0.5\n", "    - BatchNormalization\n    - Dropout: 0.5\n")
    done = modelforge_command("diff", "a.yaml", "c.yaml")
    assert done.stdout == ("model.layers.2\n  - nothing\n  + BatchNormalization  (c.yaml:7:7)\n")
    assert done.stderr == "1 difference\n"


def test_a_changed_layer_below_a_new_one_is_still_compared_with_itself(
    modelforge_command: Run,
) -> None:
    changed("    - Dropout: 0.5\n", "    - BatchNormalization\n    - Dropout: 0.4\n")
    done = modelforge_command("diff", "a.yaml", "c.yaml")
    assert "model.layers.2.Dropout.rate\n  - 0.5  (a.yaml:7:16)\n  + 0.4  (c.yaml:8:16)" in (
        done.stdout
    )


def test_another_word_is_one_difference(modelforge_command: Run) -> None:
    changed("Dropout: 0.5", "GaussianNoise: 0.1")
    done = modelforge_command("diff", "a.yaml", "c.yaml")
    assert done.stdout == (
        "model.layers.2\n  - {Dropout: 0.5}  (a.yaml:7:7)\n  + {GaussianNoise: 0.1}  (c.yaml:7:7)\n"
    )


def test_true_is_not_one(modelforge_command: Run) -> None:
    changed("{units: 32,", "{units: 32, use_bias: false,")
    done = modelforge_command("diff", "a.yaml", "c.yaml")
    assert done.stdout == (
        "model.layers.1.Dense.use_bias\n  - true  (the default)\n  + false  (c.yaml:6:36)\n"
    )


def test_a_written_name_counts_and_one_made_from_the_file_does_not(
    modelforge_command: Run,
) -> None:
    changed("modelforge: 1\n", "modelforge: 1\nname: other\n")
    done = modelforge_command("diff", "a.yaml", "c.yaml")
    assert done.stdout == "name\n  - a  (the default)\n  + other  (c.yaml:2:7)\n"


def test_json(modelforge_command: Run) -> None:
    changed("epochs: 10", "epochs: 12")
    done = modelforge_command("diff", "a.yaml", "c.yaml", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout) == {
        "schema_version": 1,
        "equal": False,
        "differences": [
            {
                "path": "train.epochs",
                "a": {"value": 10, "where": {"file": "a.yaml", "line": 12, "column": 11}},
                "b": {"value": 12, "where": {"file": "c.yaml", "line": 12, "column": 11}},
            }
        ],
    }
    assert json.loads(modelforge_command("diff", "a.yaml", "b.yaml", "--json").stdout)["equal"]


def test_a_wrong_spec_is_reported_as_everywhere(folder: Path, modelforge_command: Run) -> None:
    (folder / "c.yaml").write_text(SPEC.replace("epochs: 10", "epochs: 0"), encoding="utf-8")
    done = modelforge_command("diff", "a.yaml", "c.yaml")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "c.yaml:12:11: error[out-of-range]" in done.stderr
