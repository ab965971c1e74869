"""Small runs, trained once, that the verbs after training work on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from modelforge.cli.main import run
from modelforge.runs import RunFolder

TABLE = """
modelforge: 1
name: animals
data:
  train: {CSV: {path: animals.csv, target: animal}}
  validation: 0.25
model:
  layers:
    - Dense: {units: 8, activation: relu}
    - Dropout: 0.1
    - Dense: {units: 3, activation: softmax, name: animal}
train:
  loss: SparseCategoricalCrossentropy
  optimizer: {Adam: 0.05}
  metrics: [SparseCategoricalAccuracy]
  epochs: 12
export: [SavedModel]
"""

PICTURES = """
modelforge: 1
name: colours
data:
  train: {ImageFolder: {path: colours, image_size: [8, 8]}}
  validation: 0.25
  batch_size: 8
model:
  layers:
    - Rescaling: {scale: "${1 / 255}"}
    - RandomFlip
    - GlobalAveragePooling2D
    - Dense: 2
train:
  loss: {SparseCategoricalCrossentropy: {from_logits: true}}
  optimizer: {Adam: 0.3}
  epochs: 8
"""

NUMBERS = """
modelforge: 1
name: diabetes
data: {train: Diabetes, test: 0.2}
model: {layers: [{Dense: 1}]}
train: {loss: MeanSquaredError, metrics: [MeanAbsoluteError], optimizer: {Adam: 1}, epochs: 2}
"""


def trained(folder: Path, spec: str) -> RunFolder:
    """Trains a spec in a folder, as the command would."""
    (folder / "spec.yaml").write_text(spec, encoding="utf-8")
    assert run(["train", str(folder / "spec.yaml"), "-q", "--run", str(folder / "run")]) == 0
    made = RunFolder(folder / "run")
    assert json.loads((made.path / "state.json").read_text())["state"] == "finished"
    return made


@pytest.fixture(scope="session")
def table_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Three kinds of animals from a CSV file; `class` is a keyword, `leg count` has a space."""
    folder = tmp_path_factory.mktemp("table")
    random = np.random.default_rng(0)
    kinds = {"spider": ("arachnid", 8, 0.01), "hen": ("bird", 2, 4.0), "dog": ("mammal", 4, 6.0)}
    lines = ["animal,class,leg count,weight"]
    for name in [*kinds] * 40:
        # Some rows are mistaken, so that no model gets all of them right.
        seen = name if random.random() < 0.8 else str(random.choice([*kinds]))
        group, legs, weight = kinds[seen]
        gap = random.random() < 0.1
        lines.append(f"{name},{group},{legs},{'' if gap else weight * random.uniform(0.5, 1.5)}")
    (folder / "animals.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return trained(folder, TABLE)


@pytest.fixture(scope="session")
def picture_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Red and blue pictures, told apart by logits."""
    import tensorflow as tf

    folder = tmp_path_factory.mktemp("pictures")
    random = np.random.default_rng(0)
    for name, channel in (("red", 0), ("blue", 2)):
        (folder / "colours" / name).mkdir(parents=True)
        for number in range(16):
            pixels = random.integers(0, 60, (8, 8, 3))
            pixels[..., channel] += 180
            png = tf.io.encode_png(pixels.astype("uint8")).numpy()
            (folder / "colours" / name / f"{number:02}.png").write_bytes(png)
    return trained(folder, PICTURES)


@pytest.fixture(scope="session")
def number_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A regression on a bundled table."""
    return trained(tmp_path_factory.mktemp("numbers"), NUMBERS)


@pytest.fixture
def shown_without_tensorflow() -> Callable[[Path], str]:
    """What `show` prints of a spec in a process of its own, which imports no TensorFlow."""

    def show(spec: Path) -> str:
        code = (
            "import sys; from modelforge.cli.main import run\n"
            f"code = run(['show', {str(spec)!r}])\n"
            "assert code == 0 and not sys.modules.keys() & {'tensorflow', 'keras'}"
        )
        done = [sys.executable, "-c", code]
        return subprocess.run(done, capture_output=True, text=True, check=True).stdout

    return show
