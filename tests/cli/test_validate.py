"""`modelforge validate` and `modelforge schema`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
GOOD = "model: {layers: [Flatten, {Dense: 3}]}\n"
BAD = "model:\n  layers:\n    - Conv2D: {filtres: 32, kernel_size: 3}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.yaml").write_text(BAD, encoding="utf-8")
    return tmp_path


def test_a_valid_spec(folder: Path, modelforge_command: Run) -> None:
    done = modelforge_command("validate", "good.yaml")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "the spec is valid\n")


def test_findings_look_like_a_compilers(folder: Path, modelforge_command: Run) -> None:
    done = modelforge_command("validate", "bad.yaml", "good.yaml")
    assert done.exit_code == 1
    assert done.stdout.startswith(
        "bad.yaml:3:16: error[unknown-argument]: `Conv2D` has no argument `filtres`\n"
        "   3 |     - Conv2D: {filtres: 32, kernel_size: 3}\n"
        "     |                ^^^^^^^ did you mean `filters`?\n"
        "  note: arguments of `Conv2D`: filters, kernel_size, strides, padding, "
    )
    assert done.stderr == "1 of 2 specs valid: 1 error\n"


def test_json(folder: Path, modelforge_command: Run) -> None:
    done = modelforge_command("validate", "--json", "bad.yaml")
    assert done.exit_code == 1
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["rule"] == "unknown-argument"
    assert finding["where"] == {
        "file": "bad.yaml",
        "line": 3,
        "column": 16,
        "end_line": 3,
        "end_column": 23,
    }


def test_standard_input(modelforge_command: Run) -> None:
    done = modelforge_command("validate", "-", input=BAD)
    assert done.exit_code == 1
    assert "<stdin>:3:16: error[unknown-argument]" in done.stdout


def test_a_missing_file(modelforge_command: Run) -> None:
    done = modelforge_command("validate", "nowhere.yaml")
    assert done.exit_code == 1
    assert "nowhere.yaml" in done.stdout


def test_set_is_checked_too(folder: Path, modelforge_command: Run) -> None:
    done = modelforge_command("validate", "good.yaml", "--set", "model.layers.1.Dense=x")
    assert done.exit_code == 1
    assert "`units` of `Dense` must be an integer, not the text `x`" in done.stdout


def test_the_schema_is_written_to_a_file(folder: Path, modelforge_command: Run) -> None:
    done = modelforge_command("schema", "-o", "schema.json")
    assert done.exit_code == 0
    schema = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_the_schema_cannot_be_written(folder: Path, modelforge_command: Run) -> None:
    done = modelforge_command("schema", "-o", "no/such/folder/schema.json")
    assert done.exit_code == 1
    assert "error[cannot-write]" in done.stderr
