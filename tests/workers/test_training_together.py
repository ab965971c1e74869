"""Two workers train, validate, evaluate and predict what one process would."""

from __future__ import annotations

import csv
import json
import os
import signal
from pathlib import Path

import pytest

from modelforge.runs import read_history
from workers.processes import REPOSITORY, SPEC, Command, commands, only_run, tf_configs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

TABLE = """\
modelforge: 1
name: table
data:
  train:
    CSV:
      path: table.csv
      target: bought
  validation: 0.25
  batch_size: 15
model:
  layers:
    - Dense: {units: 8, activation: relu}
    - Dense: {units: 1, activation: sigmoid}
train:
  loss: BinaryCrossentropy
  optimizer: {SGD: 0.05}
  metrics: [accuracy, AUC]
  class_weight: balanced
  epochs: 2
  jit_compile: false
"""

IMAGES = """\
modelforge: 1
name: images
data:
  train: Digits
  validation: 0.5
  batch_size: 100
  augment: [{RandomTranslation: {height_factor: 0.1, width_factor: 0.1}}]
model:
  layers:
    - Conv2D: {filters: 4, kernel_size: 3}
    - BatchNormalization: {synchronized: true}
    - Flatten
    - Dense: {units: "${data.classes}", activation: softmax}
train:
  loss: SparseCategoricalCrossentropy
  optimizer: {SGD: 0.01}
  metrics: [accuracy]
  epochs: 2
  jit_compile: false
"""


def table(path: Path, rows: int = 103) -> None:
    """Strings, numbers, gaps, and a number of rows that nothing divides."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["age", "town", "size", "bought"])
        for i in range(rows):
            age = "" if i % 17 == 3 else str(20 + i % 41)
            town = ["Ulm", "Köln", "", "Jena"][i % 4]
            writer.writerow([age, town, "SML"[i % 3], "yes" if (i * 7) % 10 < 3 else "no"])


def trained(command: Command, folder: Path) -> list[dict[str, float]]:
    assert command.wait() == 0, command.text
    return [dict(row) for row in read_history(folder)]


def same(one: list[dict[str, float]], two: list[dict[str, float]]) -> None:
    """Equal but for rounding: sums are made in another order, and AUC counts in steps."""
    assert len(one) == len(two) > 0
    for before, after in zip(one, two, strict=True):
        told = before.keys() - {"seconds"}
        assert told == after.keys() - {"seconds"}
        for name in told:
            assert after[name] == pytest.approx(before[name], rel=1e-3, abs=2e-3), name


def test_a_table_with_strings_and_an_uneven_last_batch(tmp_path: Path) -> None:
    table(tmp_path / "table.csv")
    (tmp_path / "table.yaml").write_text(TABLE, encoding="utf-8")
    with commands(tmp_path) as start:
        alone = start("train", "table.yaml", "--run", "one", "--set", "train.distribute=none")
        one = trained(alone, tmp_path / "one")
        together = start("train", "table.yaml", "--run", "two", "--workers", "2")
        same(one, trained(together, tmp_path / "two"))
        environment = json.loads((tmp_path / "two" / "environment.json").read_text())
        assert environment["strategy"]["name"] == "MultiWorkerMirroredStrategy"
        assert environment["strategy"]["replicas"] == 2
        evaluated = start("evaluate", "two", "--json")
        assert evaluated.wait() == 0, evaluated.text
        predicted = start("predict", "two", "table.csv", "-o", "answers.csv")
        assert predicted.wait() == 0, predicted.text
        assert len((tmp_path / "answers.csv").read_text().splitlines()) == 104
    # Nobody but the chief has written, and nothing is left of the others.
    assert not list((tmp_path / "two").glob("**/*.part*"))
    assert sorted(it.name for it in tmp_path.iterdir() if it.is_dir()) == ["one", "two"]


@pytest.mark.parametrize("spec", ["images.yaml", "two.yaml"])
def test_augmented_images_and_several_outputs(tmp_path: Path, spec: str) -> None:
    (tmp_path / "images.yaml").write_text(IMAGES, encoding="utf-8")
    gallery = (REPOSITORY / "specs" / "digits-multitask.yaml").read_text(encoding="utf-8")
    two = gallery.replace("epochs: 30", "epochs: 2\n  jit_compile: false")
    (tmp_path / "two.yaml").write_text(two.replace("validation: 0.2", "validation: 0.5"), "utf-8")
    with commands(tmp_path) as start:
        alone = start("train", spec, "--run", "one", "--set", "train.distribute=none")
        one = trained(alone, tmp_path / "one")
        together = start("train", spec, "--run", "two", "--workers", "2")
        same(one, trained(together, tmp_path / "two"))
    exported = (tmp_path / "two" / "export" / "saved_model").exists()
    assert exported == (spec == "two.yaml")


def test_a_dry_run_tells_of_the_workers(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(SPEC, encoding="utf-8")
    with commands(tmp_path) as start:
        run = start("train", "tiny.yaml", "--workers", "2", "--dry-run")
        assert run.wait() == 0, run.text
        assert "2 workers with 2 devices: MultiWorkerMirroredStrategy" in run.text
    assert not (tmp_path / "runs").exists()


def test_the_tasks_of_a_slurm_step_train_together(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(SPEC, encoding="utf-8")
    step = {
        "SLURM_JOB_ID": str(os.getpid()),  # the ports are made from it
        "SLURM_STEP_ID": "0",
        "SLURM_STEP_NUM_TASKS": "2",
        "SLURM_STEP_NODELIST": "localhost",
        "SLURM_STEP_TASKS_PER_NODE": "2",
    }
    with commands(tmp_path) as start:
        runs = [
            start("train", "tiny.yaml", "--run", "here", env={**step, "SLURM_PROCID": str(index)})
            for index in range(2)
        ]
        assert [run.wait() for run in runs] == [0, 0], [run.text for run in runs]
    assert "worker 0 of 2 (SLURM): waiting for the others" in runs[0].text
    assert "epoch 3/3" in runs[0].text and "epoch" not in runs[1].text
    environment = json.loads((tmp_path / "here" / "environment.json").read_text())
    assert environment["strategy"]["replicas"] == 2


def test_workers_with_different_specs_are_refused_before_a_step(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "other.yaml").write_text(SPEC.replace("SGD: 0.01", "SGD: 0.02"), encoding="utf-8")
    with commands(tmp_path) as start:
        envs = tf_configs(2)
        runs = [
            start("train", name, env=env)
            for name, env in zip(("tiny.yaml", "other.yaml"), envs, strict=True)
        ]
        assert [run.wait() for run in runs] == [1, 1]
    for run in runs:
        assert "error[workers-differ]: the workers do not train the same model" in run.text
        assert "optimizer.SGD.learning_rate: `0.01` at worker 0" in run.text
    assert not (tmp_path / "runs").exists()


def test_a_fault_of_the_spec_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(SPEC, encoding="utf-8")
    with commands(tmp_path) as start:
        # Found after TensorFlow has been imported, by each of the workers.
        run = start(
            *("train", "tiny.yaml", "--workers", "2"),
            *("--set", "train.callbacks=[{EarlyStopping: {monitor: val_los}}]"),
        )
        assert run.wait() == 1
    assert run.text.count("val_los`") == 1
    assert "worker" not in run.text


def test_a_file_that_one_worker_cannot_read_ends_all(tmp_path: Path) -> None:
    import numpy as np
    import tensorflow as tf

    places = [tmp_path / name for name in ("here", "there")]
    for place in places:
        for number in range(24):
            folder = place / "images" / "ab"[number % 2]
            folder.mkdir(parents=True, exist_ok=True)
            image = np.full((8, 8, 3), 10 * number, np.uint8)
            tf.io.write_file(str(folder / f"{number}.png"), tf.io.encode_png(image))
        text = SPEC.replace(
            "train: Iris", "train: {ImageFolder: {path: images, image_size: [8, 8]}}"
        )
        text = text.replace("  layers:\n", "  layers:\n    - Flatten\n")
        text = text.replace("batch_size: 16", "batch_size: 4\n  cache: none")
        (place / "tiny.yaml").write_text(text, encoding="utf-8")
    with commands(tmp_path) as start:
        runs = [
            start("train", "tiny.yaml", "--set", "train.epochs=100000", env=env, at=place)
            for env, place in zip(tf_configs(2), places, strict=True)
        ]
        runs[0].wait_for("epoch 2/")
        for file in (places[1] / "images").glob("*/*.png"):
            file.write_bytes(b"no image")
        codes = [run.wait() for run in runs]
    assert codes == [5, 5], [run.text for run in runs]
    assert "error[worker-failed]: worker 1 (" in runs[0].text
    assert "note: error[data-lost]: " in runs[0].text
    assert runs[1].text.count("error[") == 1
    assert ".png is no JPEG, PNG" in runs[1].text
    assert "Traceback" not in runs[0].text + runs[1].text
    state = json.loads((only_run(places[0]) / "state.json").read_text())
    assert state["state"] == "failed" and "worker 1" in state["reason"]


def test_workers_on_several_machines_start_again_together(tmp_path: Path) -> None:
    """What `--restarts` does where each worker has been started by itself."""
    (tmp_path / "tiny.yaml").write_text(SPEC, encoding="utf-8")
    with commands(tmp_path) as start:
        options = ("--restarts", "1", "--set", "train.epochs=12")
        runs = [start("train", "tiny.yaml", *options, env=env) for env in tf_configs(2)]
        runs[0].wait_for("epoch 2/")
        (victim,) = runs[1].workers().values()
        os.kill(victim, signal.SIGKILL)
        assert [run.wait() for run in runs] == [0, 0], [run.text for run in runs]
    for run in runs:
        assert "was ended by SIGKILL" in run.text and "(0 restarts left)" in run.text
    assert "all workers start again from the last checkpoint of" in runs[0].text
    assert "epoch 12/12" in runs[0].text
