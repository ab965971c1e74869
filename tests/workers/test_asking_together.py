"""Two workers evaluate and predict what one process does; one that is lost is named."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workers.processes import SPEC, Command, alive, commands, tf_configs
from workers.test_training_together import TABLE, table

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

DEVICES = "train.distribute={MirroredStrategy: {devices: ['CPU:0', 'CPU:1']}}"

# Two inputs, one of them text; two outputs; 40 samples in batches of 7.
WORDS = """\
modelforge: 1
name: words
data: {train: {NPZ: {path: words.npz, inputs: [word, number]}}, batch_size: 7}
model:
  inputs: {word: {shape: [1], dtype: string}, number: {shape: [2]}}
  layers:
    - StringLookup: {vocabulary: [a, b, c], output_mode: one_hot}
      from: word
      name: found
    - Concatenate:
      from: [found, number]
    - Dense: {units: 6, activation: tanh}
    - BatchNormalization:
      name: trunk
    - Dense: 1
      name: first
    - Dense: {units: 1, activation: sigmoid}
      from: trunk
      name: second
  outputs: [first, second]
train:
  loss: MeanSquaredError
  metrics: {first: [MeanAbsoluteError], second: [R2Score]}
  optimizer: {SGD: 0.1}
  epochs: 1
  jit_compile: false
"""

# Sequences, the longest of which are in the same batches: a mean over what is not masked.
MASKED = """\
modelforge: 1
name: masked
data: {train: {NPZ: masked.npz}, batch_size: 7}
model:
  layers:
    - Embedding: {input_dim: 9, output_dim: 4, mask_zero: true}
    - GRU: {units: 5, return_sequences: true}
    - Dense: 1
train:
  loss: MeanSquaredError
  metrics: [MeanAbsoluteError]
  epochs: 1
  jit_compile: false
"""


def words(folder: Path) -> str:
    generator = np.random.default_rng(0)
    np.savez(
        folder / "words.npz",
        word=generator.choice(["a", "b", "c", "d"], (40, 1)),
        number=generator.normal(size=(40, 2)).astype("float32"),
        y=generator.normal(size=(40, 1)).astype("float32"),
    )
    many = generator.normal(size=(800, 2)).astype("float32")
    np.savez(folder / "asked.npz", word=generator.choice(["a", "b", "d"], (800, 1)), number=many)
    return WORDS


def masked(folder: Path) -> str:
    generator = np.random.default_rng(0)
    sequences = generator.integers(1, 9, (40, 6))
    lengths = np.tile([6, 6, 6, 5, 2, 1, 1], 6)[:40]
    sequences[np.arange(6) >= lengths[:, None]] = 0
    y = generator.normal(size=(40, 6, 1)).astype("float32")
    np.savez(folder / "masked.npz", x=sequences.astype("int32"), y=y)
    np.savez(folder / "asked.npz", x=sequences.astype("int32"))
    return MASKED


def bought(folder: Path) -> str:
    table(folder / "table.csv")
    table(folder / "asked.csv", rows=700)
    rows = (folder / "asked.csv").read_text(encoding="utf-8").splitlines()
    more = [f"{row},{number or 'more'}" for number, row in enumerate(rows)]
    (folder / "asked.csv").write_text("\n".join(more), encoding="utf-8")  # a column more
    return TABLE


KINDS = {"words": words, "masked": masked, "bought": bought}


def told(command: Command) -> Any:
    """The JSON object that it prints, among what it says beside."""
    assert command.wait() == 0, command.text
    return json.loads(command.text[command.text.index("{") : command.text.rindex("}") + 1])


def same(one: Any, two: Any, where: str = "") -> None:
    """Equal but for the rounding of sums in another order."""
    assert type(one) is type(two), where
    if isinstance(one, dict):
        assert list(one) == list(two), where
        for name in one:
            same(one[name], two[name], f"{where}.{name}")
    elif isinstance(one, list):
        assert len(one) == len(two), where
        for number, (left, right) in enumerate(zip(one, two, strict=True)):
            same(left, right, f"{where}[{number}]")
    elif isinstance(one, float):
        assert two == pytest.approx(one, rel=1e-5, abs=1e-6), where
    else:
        assert one == two, where


@pytest.mark.parametrize("kind", KINDS)
def test_two_workers_and_two_devices_measure_and_answer_as_one(tmp_path: Path, kind: str) -> None:
    (tmp_path / "spec.yaml").write_text(KINDS[kind](tmp_path), encoding="utf-8")
    (asked,) = (path.name for path in tmp_path.glob("asked.*"))
    ways = {"one": (), "two": ("--workers", "2"), "devices": ("--set", DEVICES)}
    with commands(tmp_path) as start:
        run = start("train", "spec.yaml", "--run", "run", "-q", "--set", "train.distribute=none")
        assert run.wait() == 0, run.text
        for way, options in ways.items():
            measured = told(start("evaluate", "run", "--on", "train", "--json", *options))
            (tmp_path / f"{way}.json").write_text(json.dumps(measured))
            answered = start("predict", "run", asked, "-o", f"{way}.csv", *options)
            assert answered.wait() == 0, answered.text
            assert answered.text.count("warning[ignored-columns]") == (kind == "bought")
    one = json.loads((tmp_path / "one.json").read_text())
    assert one["size"] == {"words": 40, "masked": 40, "bought": 77}[kind]  # uneven batches
    assert len(one["metrics"]) >= 2
    rows = (tmp_path / "one.csv").read_text().splitlines()
    assert len(rows) == {"words": 801, "masked": 41, "bought": 701}[kind]
    for way in ("two", "devices"):
        same(one, json.loads((tmp_path / f"{way}.json").read_text()))
        for left, right in zip(
            rows, (tmp_path / f"{way}.csv").read_text().splitlines(), strict=True
        ):
            name, *values = left.split(",")
            assert right.split(",")[0] == name  # the inputs in their order
            for value, other in zip(values, right.split(",")[1:], strict=True):
                try:
                    assert float(other) == pytest.approx(float(value), rel=1e-5, abs=1e-6)
                except ValueError:
                    assert other == value
    # The result that is kept is that of the last one; nobody else has written.
    kept = json.loads((tmp_path / "run" / "evaluation-train.json").read_text())
    same(one, kept)
    assert not list(tmp_path.glob("**/*.part*")) and not (tmp_path / "runs").exists()


def test_images_of_a_folder_are_divided_and_those_that_are_broken_are_told_once(
    tmp_path: Path,
) -> None:
    import tensorflow as tf

    for number in range(31):
        folder = tmp_path / "images" / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        image = np.full((8, 8, 3), 8 * number, np.uint8)
        tf.io.write_file(str(folder / f"{number:02}.png"), tf.io.encode_png(image))
    text = SPEC.replace("train: Iris", "train: {ImageFolder: {path: images, image_size: [8, 8]}}")
    text = text.replace("  layers:\n", "  layers:\n    - Flatten\n").replace(
        "epochs: 3", "epochs: 1"
    )
    (tmp_path / "spec.yaml").write_text(text, encoding="utf-8")
    with commands(tmp_path) as start:
        run = start("train", "spec.yaml", "--run", "run", "-q")
        assert run.wait() == 0, run.text
        for name in ("a/04.png", "b/29.png"):
            (tmp_path / "images" / name).write_bytes(b"no image")
        one = start("predict", "run", "images", "gone.png", "-o", "one.csv")
        two = start("predict", "run", "images", "gone.png", "-o", "two.csv", "--workers", "2")
        assert one.wait() == 1 and two.wait() == 1, two.text
    assert (tmp_path / "one.csv").read_text() == (tmp_path / "two.csv").read_text()
    assert len((tmp_path / "two.csv").read_text().splitlines()) == 30
    for text in (one.text, two.text):
        assert [text.count(it) for it in ("a/04.png", "b/29.png", "gone.png`")] == [1, 1, 1], text


def test_workers_of_several_machines_measure_together(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(SPEC.replace("epochs: 3", "epochs: 1"), encoding="utf-8")
    with commands(tmp_path) as start:
        run = start("train", "tiny.yaml", "--run", "run", "-q")
        assert run.wait() == 0, run.text
        alone = told(start("evaluate", "run", "--json"))
        runs = [start("evaluate", "run", "--json", env=env) for env in tf_configs(2)]
        same(alone, told(runs[0]))
        assert runs[1].wait() == 0 and "{" not in runs[1].text, runs[1].text
        assert "worker 0 of 2 (TF_CONFIG): waiting for the others" in runs[0].text
        # Whoever wants to be alone says so, and what is not the same is told.
        env = tf_configs(2)
        assert told(start("evaluate", "run", "--json", "--workers", "1", env=env[0])) == alone
        others = [
            start("evaluate", "run", "--on", on, env=it)
            for on, it in zip(("train", "validation"), env, strict=True)
        ]
        assert [it.wait() for it in others] == [1, 1]
    for it in others:
        assert "workers-differ]: the workers do not ask the same model the same" in it.text
        assert "the part of the data: `train` at worker 0" in it.text


@pytest.mark.parametrize("lost", [True, False])
def test_a_worker_that_is_lost_or_a_stop_ends_all_and_nothing_is_written(
    tmp_path: Path, lost: bool
) -> None:
    (tmp_path / "tiny.yaml").write_text(SPEC.replace("epochs: 3", "epochs: 1"), encoding="utf-8")
    with commands(tmp_path) as start:
        run = start("train", "tiny.yaml", "--run", "run", "-q")
        assert run.wait() == 0, run.text
        (tmp_path / "run" / "evaluation-validation.json").unlink()
        asked = start("evaluate", "run", "--workers", "2")
        until = time.monotonic() + 60
        while len(workers := asked.workers()) < 2:
            assert time.monotonic() < until and asked.process.poll() is None, asked.text
            time.sleep(0.02)
        if lost:
            os.kill(workers[1], signal.SIGKILL)
        else:
            asked.process.send_signal(signal.SIGINT)
        assert asked.wait() == (5 if lost else 75), asked.text
        assert not alive(list(workers.values()))
    if lost:
        assert "error[worker-lost]: worker 1 was ended by SIGKILL" in asked.text
        assert "note: nothing is lost: give the command again" in asked.text
    else:
        assert "stopped by Ctrl-C before the end; nothing was written" in asked.text
    assert "checkpoint" not in asked.text and "Traceback" not in asked.text
    assert not (tmp_path / "run" / "evaluation-validation.json").exists()
