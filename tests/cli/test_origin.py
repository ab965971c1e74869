"""`modelforge show --origin PATH`: the way that a value took."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text(
        "vars: {width: 8}\n"
        "model:\n"
        "  inputs: {x: {shape: [4]}}\n"
        "  layers:\n"
        '    - Dense: "${width}"\n'
        '    - Dense: "${width // 2}"\n'
        "      name: head\n"
        "train: {loss: MeanSquaredError, optimizer: {Adam: 1e-3}}\n",
        encoding="utf-8",
    )
    (tmp_path / "middle.yaml").write_text("extends: base.yaml\n", encoding="utf-8")
    (tmp_path / "spec.yaml").write_text(
        "extends: middle.yaml\nvars: {width: 16}\npatch:\n  train.epochs: 3\n", encoding="utf-8"
    )
    return tmp_path


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("train.epochs", "train.epochs: 3\n  patch  spec.yaml:4:17  train.epochs: 3\n"),
        (
            "train.optimizer.Adam.learning_rate",
            "train.optimizer.Adam.learning_rate: 0.001\n"
            "  written   base.yaml:8:51  "
            "train: {loss: MeanSquaredError, optimizer: {Adam: 1e-3}}\n"
            "  extended  middle.yaml:1:10  extends: base.yaml\n"
            "  extended  spec.yaml:1:10  extends: middle.yaml\n",
        ),
        (
            "model.layers.0.Dense.units",
            "model.layers.0.Dense.units: 16\n"
            "  variable  spec.yaml:2:15  vars: {width: 16}\n"
            '  used      base.yaml:5:14  - Dense: "${width}"\n'
            "  extended  middle.yaml:1:10  extends: base.yaml\n"
            "  extended  spec.yaml:1:10  extends: middle.yaml\n",
        ),
        (
            "model.layers.head.Dense",
            "model.layers.head.Dense: 8\n"
            '  computed  base.yaml:6:14  - Dense: "${width // 2}"\n'
            "  from      spec.yaml:2:15  vars: {width: 16}\n"
            "  extended  middle.yaml:1:10  extends: base.yaml\n"
            "  extended  spec.yaml:1:10  extends: middle.yaml\n",
        ),
        ("vars.width", "vars.width: 16\n  variable  spec.yaml:2:15  vars: {width: 16}\n"),
    ],
)
def test_the_way_of_a_value(path: str, told: str, modelforge_command: Run) -> None:
    done = modelforge_command("show", "spec.yaml", "--origin", path)
    assert (done.exit_code, done.stdout) == (0, told)


def test_a_value_that_was_set(modelforge_command: Run) -> None:
    done = modelforge_command(
        "show", "spec.yaml", "--set", "vars.width=4", "--origin", "vars.width"
    )
    assert done.stdout == "vars.width: 4\n  --set  --set:1:12  vars.width=4\n"


def test_json(modelforge_command: Run) -> None:
    done = modelforge_command("show", "spec.yaml", "--origin", "train.epochs", "--json")
    assert json.loads(done.stdout) == {
        "schema_version": 1,
        "path": "train.epochs",
        "value": 3,
        "from": [{"how": "patch", "where": {"file": "spec.yaml", "line": 4, "column": 17}}],
    }


def test_a_path_to_nowhere(modelforge_command: Run) -> None:
    done = modelforge_command("show", "spec.yaml", "--origin", "train.epocs")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "--origin:1:7: error[unknown-path]: there is no `epocs` in `train`\n"
        "   1 | train.epocs\n"
        "     |       ^^^^^ did you mean `epochs`?\n"
        "  note: it has: loss, optimizer, epochs\n"
        "  note: what is not written has its default: `modelforge show --resolved` prints them "
        "all\n"
    )
