"""Models with several outputs that learn different things, from the first step to the export."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from train.conftest import Prepare, Train

ROWS = "".join(
    f"{n % 7}.5,{n % 5},{'mf'[n % 3 == 0]},{n % 7 + 0.25 * (n % 5)},{'abc'[n % 3]}\n"
    for n in range(90)
)

TASKS = """\
modelforge: 1
name: tasks
data:
  train:
    CSV:
      path: table.csv
      target:
        sex: sex
        port: {classes: {from: harbour, names: [c, b, a]}}
        age: {number: years}
  validation: 0.2
  batch_size: 24
model:
  layers:
    - Dense: {units: 8, activation: relu}
      name: trunk
    - Dense: {units: 1, activation: sigmoid}
      name: sex
    - Dense: {units: "${data.targets.port.classes}", activation: softmax}
      name: port
      from: trunk
    - Dense: 1
      name: age
      from: trunk
  outputs: [sex, port, age]
train:
  loss: {sex: BinaryCrossentropy, port: SparseCategoricalCrossentropy, age: Huber}
  metrics: {sex: [BinaryAccuracy], port: [accuracy], age: [MeanAbsoluteError]}
  class_weight: {sex: balanced, port: {a: 3}}
  epochs: 2
export: [SavedModel, Keras]
"""

REBUILT = """\
modelforge: 1
name: rebuilt
data: {train: Digits, target: {decoded: inputs}, batch_size: 64}
model:
  layers:
    - Flatten
    - Dense: {units: 16, activation: relu}
      name: code
    - Dense: {units: 10, activation: softmax}
      name: digit
    - Dense: 64
      from: code
    - Reshape: {target_shape: "${data.shape}"}
      name: decoded
  outputs: [decoded, digit]
train:
  loss: {digit: SparseCategoricalCrossentropy, decoded: MeanSquaredError}
  class_weight: {digit: {"3": 5}}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "table.csv").write_text("x,z,sex,years,harbour\n" + ROWS, encoding="utf-8")
    (tmp_path / "tasks.yaml").write_text(TASKS, encoding="utf-8")
    return tmp_path / "tasks.yaml"


def test_every_verb_works(
    spec: Path, tmp_path: Path, modelforge_command: Callable[..., Result]
) -> None:
    runs = ("--runs", tmp_path / "runs")
    trained = modelforge_command("train", spec, *runs, "-q")
    assert trained.exit_code == 0, trained.stderr
    resumed = modelforge_command(
        "train", "--resume", "latest", *runs, "-q", "--set", "train.epochs=3"
    )
    assert resumed.exit_code == 0, resumed.stderr
    (run,) = (tmp_path / "runs" / "tasks").iterdir()

    evaluated = modelforge_command("evaluate", "latest", *runs, "--json")
    found = json.loads(evaluated.stdout)
    assert (found["output"], [it["output"] for it in found["others"]]) == ("sex", ["port", "age"])
    assert [row["name"] for row in found["classification"]["classes"]] == ["f", "m"]
    assert [row["name"] for row in found["others"][0]["classification"]["classes"]] == list("cba")
    assert found["others"][0]["classification"]["accuracy"] == pytest.approx(
        found["metrics"]["port_accuracy"], abs=1e-6
    )
    assert found["others"][1]["regression"]["mae"] == pytest.approx(
        found["metrics"]["age_mean_absolute_error"], rel=1e-4
    )
    told = modelforge_command("evaluate", "latest", *runs).stdout
    assert "accuracy of `port`" in told and "MAE of `age`" in told

    asked = modelforge_command("predict", "latest", tmp_path / "table.csv", *runs)
    assert asked.exit_code == 0, asked.stderr
    header = asked.stdout.splitlines()[0]
    assert header == "input,sex.class,sex.probability,port.class,port.probability,age.value"
    assert "ignored" not in asked.stderr

    (exported, keras_file) = json.loads((run / "export" / "export.json").read_text())["exports"]
    assert list(exported["outputs"])[:3] == ["sex", "port", "age"]
    assert {"sex_label", "port_top_k_scores"} < set(exported["outputs"])
    assert "age_label" not in exported["outputs"]
    assert exported["class_names"] == {"sex": ["f", "m"], "port": ["c", "b", "a"]}
    assert exported["max_difference"] <= exported["tolerance"]
    assert keras_file["format"] == "Keras"
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "By class of sex" in page and "MAE (of age)" in page


def test_the_export_tells_the_classes_of_each_output(spec: Path, trained: Train) -> None:
    import tensorflow as tf

    from modelforge.export import export_run
    from modelforge.findings import Findings

    outcome = trained(TASKS)
    record, _ = export_run(outcome.folder, None, Findings())
    told = tf.saved_model.load(record["path"]).signatures["class_names"]()
    assert {name: names.numpy().tolist() for name, names in told.items()} == {
        "sex": [b"f", b"m"],
        "port": [b"c", b"b", b"a"],
    }


def test_weights_by_class_become_weights_of_samples(prepare: Prepare) -> None:
    execution = prepare(REBUILT).execution
    _, learned, weights = next(iter(execution.training(execution.bundle.train.batches())))
    assert [values.shape for values in learned] == [(64, 8, 8, 1), (64,)]
    assert weights[0].shape == (64, 1, 1) and np.all(weights[0] == 1)
    assert np.array_equal(weights[1], np.where(learned[1].numpy() == 3, 5, 1))


def test_the_loss_of_each_output_is_weighted_on_its_own(prepare: Prepare, trained: Train) -> None:
    plain = REBUILT.replace('  class_weight: {digit: {"3": 5}}\n', "")
    still = ("train.optimizer={SGD: 0}", "data.batch_size=all", "data.shuffle=false")
    first, second = (trained(text, *still).state.final for text in (REBUILT, plain))
    assert first["decoded_loss"] == pytest.approx(second["decoded_loss"], rel=1e-5)
    assert first["digit_loss"] > 1.2 * second["digit_loss"]


def test_reconstruction_is_measured(trained: Train) -> None:
    from modelforge.evaluate import evaluate_run, open_run
    from modelforge.findings import Findings

    result = evaluate_run(open_run(trained(REBUILT).folder), "train", Findings())
    assert result.regression is not None and result.output == "decoded"
    assert result.regression.rmse**2 == pytest.approx(result.metrics["decoded_loss"], rel=1e-3)
    (other,) = result.others
    assert other.classification is not None


def test_an_embedding_may_be_learned_back_as_class_numbers(tmp_path: Path, trained: Train) -> None:
    rng = np.random.default_rng(1)
    np.savez(tmp_path / "words.npz", x=rng.integers(0, 12, (40, 6)))
    text = """\
modelforge: 1
data: {train: {NPZ: words.npz}, target: inputs, batch_size: 8}
model:
  layers:
    - Embedding: {input_dim: 12, output_dim: 4}
    - Dense: {units: 12, activation: softmax}
train: {loss: SparseCategoricalCrossentropy, epochs: 1}
"""
    final = trained(text).state.final
    assert final["loss"] == pytest.approx(np.log(12), abs=0.3)
