"""Free text in a table reaches the model as it is, beside the vector of the other columns."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from modelforge.cli.main import modelforge, run
from modelforge.runs import RunFolder

GOOD, BAD = ("fine", "great", "lovely"), ("bad", "awful", "poor")
SPEC = """\
modelforge: 1
name: reviews
data:
  train: {CSV: {path: reviews.csv, target: verdict, features: %s}}
  validation: 0.2
model:
%s
    - TextVectorization:
        vocabulary: [fine, great, lovely, bad, awful, poor]
        output_sequence_length: 3
%s
    - Embedding: {input_dim: 8, output_dim: 4}
    - GlobalAveragePooling1D:
      name: words
%s
    - Dense: {units: 1, activation: sigmoid}
train: {loss: BinaryCrossentropy, optimizer: {Adam: 0.1}, metrics: [accuracy], epochs: 12}
export: [SavedModel, Keras]
"""
INPUTS = """\
  inputs:
    input: {shape: ["${data.features}"]}
    the_review: {shape: [1], dtype: string}
  layers:"""
BOTH = (
    "{stars: float_normalized, the review: text}", INPUTS, "      from: the_review",
    "    - Concatenate:\n      from: [input, words]",
)  # fmt: skip
ALONE = ("{the review: text}", "  layers:", "", "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    lines = ["verdict,stars,the review"]
    for number in range(80):
        words = random.choice(GOOD if number % 2 else BAD, 2)
        verdict = "good" if number % 2 else "bad"
        lines.append(f'{verdict},{random.integers(1, 6)},"{words[0]}, {words[1]}!"')
    (tmp_path / "reviews.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def write(folder: Path, parts: tuple[str, ...]) -> str:
    path = folder / "spec.yaml"
    path.write_text(SPEC % parts, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("parts", [BOTH, ALONE])
def test_from_the_table_to_answers(parts: tuple[str, ...], folder: Path) -> None:
    spec = write(folder, parts)
    assert run(["train", spec, "-q", "--run", str(folder / "run")]) == 0
    state = RunFolder(folder / "run").state()
    assert state is not None and state.best["val_accuracy"] > 0.9
    made = json.loads((folder / "run/export/export.json").read_text(encoding="utf-8"))["exports"]
    assert [record["format"] for record in made] == ["SavedModel", "Keras"]
    assert all(record["max_difference"] < 1e-5 for record in made)
    asked = "the review,stars\nlovely and fine,1\nawful,5\n,3\n"
    (folder / "asked.csv").write_text(asked, encoding="utf-8")
    told = CliRunner().invoke(
        modelforge, ["predict", str(folder / "run"), str(folder / "asked.csv")]
    )
    answers = [line.split(",")[1] for line in told.stdout.splitlines()[1:]]
    assert answers[:2] == ["good", "bad"]
    assert len(answers) == 3  # a text that is missing is an empty one


def test_several_inputs_have_to_be_declared(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = write(folder, (BOTH[0], "  layers:", "", ""))
    assert run(["train", spec, "--dry-run"]) == 1
    assert "declare them under `model.inputs`: input, the_review" in capsys.readouterr().err


def test_a_column_that_is_called_like_the_vector(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = (folder / "reviews.csv").read_text(encoding="utf-8")
    (folder / "reviews.csv").write_text(table.replace("the review", "input"), encoding="utf-8")
    features = "{stars: float_normalized, input: text}"
    spec = write(folder, (features, INPUTS, "      from: the_review", BOTH[3]))
    assert run(["train", spec, "--dry-run"]) == 1
    said = capsys.readouterr().err
    assert "error[duplicate-input]: two inputs of the model would be called `input`" in said


def test_a_column_that_names_the_rows_may_be_free_text(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (folder / "reviews.csv").read_text(encoding="utf-8").splitlines()
    lines = [lines[0], *(line.replace("!", f" {n}") for n, line in enumerate(lines[1:]))]
    (folder / "reviews.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = yaml.safe_load(SPEC % ALONE)
    text["data"]["train"]["CSV"].pop("features")
    text["model"] = {"layers": [{"Dense": {"units": 1, "activation": "sigmoid"}}]}
    (folder / "spec.yaml").write_text(yaml.safe_dump(text), encoding="utf-8")
    assert run(["train", str(folder / "spec.yaml"), "--dry-run"]) == 0
    assert "free text: `{the review: text}`" in capsys.readouterr().err
