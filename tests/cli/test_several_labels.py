"""Several labels for a sample, from a file on the disk to the exported model."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from sklearn import metrics

pytestmark = pytest.mark.slow

Run = Callable[..., Result]
COLORS = {"red": (220, 30, 30), "green": (30, 220, 30), "blue": (30, 30, 220)}
GALLERY = Path(__file__).parents[2] / "specs" / "multi-label.yaml"

PHOTOS = """\
modelforge: 1
name: photos
data:
  train:
    ImageFolder:
      path: photos
      table: photos/labels.csv
      target: {tags: multi_label, side: side}
  validation: 0.25
  batch_size: 16
model:
  layers:
    - Rescaling: {scale: "${1 / 255}"}
    - Conv2D: {filters: 8, kernel_size: 3, activation: relu}
    - GlobalMaxPooling2D:
      name: trunk
    - Dense: "${data.targets.tags.classes}"
      name: tags
    - Dense: {units: 1, activation: sigmoid}
      name: side
      from: trunk
  outputs: [tags, side]
train:
  loss: {tags: {BinaryCrossentropy: {from_logits: true}}, side: BinaryCrossentropy}
  metrics: {tags: [AUC: {multi_label: true, num_labels: 3, from_logits: true, name: auc}]}
  class_weight: {side: balanced}
  optimizer: {Adam: 0.05}
  epochs: 4
export: [SavedModel: {threshold: 0.3}]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighty pictures with squares of any of three colours."""
    import tensorflow as tf

    root = tmp_path_factory.mktemp("labels")
    random = np.random.default_rng(1)
    (root / "photos").mkdir()
    rows = ["file,tags,side"]
    for number in range(80):
        pixels = random.integers(20, 50, (32, 32, 3), dtype=np.uint8)
        tags = [name for name in COLORS if random.random() < 0.4]
        for name in tags:
            top, left = random.integers(0, 20, 2)
            pixels[top : top + 12, left : left + 12] = COLORS[name]
        (root / "photos" / f"{number:02}.png").write_bytes(tf.io.encode_png(pixels).numpy())
        rows.append(f"{number:02}.png,{';'.join(tags)},{'lr'[number % 2]}")
    (root / "photos" / "labels.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return root


def asked(result: Result) -> dict[str, dict[str, str]]:
    assert result.exit_code == 0, result.stderr
    return {Path(row["input"]).name: row for row in csv.DictReader(io.StringIO(result.stdout))}


def test_every_verb_works(folder: Path, modelforge_command: Run) -> None:
    spec, runs = folder / "photos.yaml", ("--runs", folder / "runs")
    spec.write_text(PHOTOS, encoding="utf-8")
    trained = modelforge_command("train", spec, *runs, "-q")
    assert trained.exit_code == 0, trained.stderr
    resumed = modelforge_command(
        "train", "--resume", "latest", *runs, "-q", "--set", "train.epochs=5"
    )
    assert resumed.exit_code == 0, resumed.stderr

    predict = ("predict", "latest", folder / "photos", *runs, "--probabilities")
    rows = asked(modelforge_command(*predict, "--format", "csv"))
    assert list(rows["00.png"])[1:3] == ["tags.labels", "tags.probabilities"]
    truth = {row["file"]: row for row in csv.DictReader((folder / "photos/labels.csv").open())}
    names = ["blue", "green", "red"]
    true = np.array([[name in truth[it]["tags"] for name in names] for it in rows])
    scores = np.array([[float(row[f"tags.p({name})"]) for name in names] for row in rows.values()])
    for row, shares in zip(rows.values(), scores, strict=True):
        order = [names[i] for i in np.argsort(-shares) if shares[i] > 0.5]
        assert row["tags.labels"] == ";".join(order)
    assert any(not row["tags.labels"] for row in rows.values())
    low = asked(modelforge_command(*predict, "--format", "csv", "--threshold", "0.3"))
    chosen = [set(filter(None, row["tags.labels"].split(";"))) for row in low.values()]
    assert chosen == [{names[i] for i in np.flatnonzero(it > 0.3)} for it in scores]

    evaluated = modelforge_command("evaluate", "latest", *runs, "--json", "--on", "train")
    found = json.loads(evaluated.stdout)
    told = found["multi_label"]
    assert (found["output"], found["others"][0]["output"]) == ("tags", "side")
    assert found["others"][0]["classification"]["classes"][0]["name"] == "l"
    assert [row["name"] for row in told["labels"]] == names
    assert told["macro"]["auc"] == pytest.approx(found["metrics"]["tags_auc"], abs=0.02)
    both = modelforge_command("evaluate", "latest", *runs, "--on", "validation").stdout
    assert "subset accuracy of `tags`" in both and "accuracy of `side`" in both

    # Both parts of the data together are the files that were asked about.
    counts = [
        json.loads((run / f"evaluation-{part}.json").read_text())["multi_label"]["micro"]["support"]
        for run in (folder / "runs" / "photos").iterdir()
        for part in ("train", "validation")
    ]
    assert sum(counts) == true.sum()
    assert metrics.f1_score(true, scores > 0.5, average="micro") > 0.5

    page = next((folder / "runs" / "photos").glob("*/report.html")).read_text(encoding="utf-8")
    assert "By label of tags" in page and "By class of side" in page


def test_the_export_takes_files_and_tells_labels(folder: Path, modelforge_command: Run) -> None:
    import tensorflow as tf

    spec, runs = folder / "exported.yaml", ("--runs", folder / "runs")
    spec.write_text(PHOTOS.replace("name: photos", "name: exported"), encoding="utf-8")
    trained = modelforge_command("train", spec, *runs, "-q")
    assert trained.exit_code == 0, trained.stderr
    (run,) = (folder / "runs" / "exported").iterdir()
    loaded = tf.saved_model.load(str(run / "export" / "saved_model"))
    files = sorted((folder / "photos").glob("*.png"))[:9]
    contents = tf.constant([file.read_bytes() for file in files])
    outputs = loaded.signatures["serving_default"](image_bytes=contents)
    rows = asked(
        modelforge_command("predict", run, *files, "--format", "csv", "--threshold", "0.3", *runs)
    )
    told = [[it.decode() for it in row if it] for row in outputs["tags_labels"].numpy()]
    assert [";".join(labels) for labels in told] == [row["tags.labels"] for row in rows.values()]
    sides = [label.decode() for label in outputs["side_label"].numpy()]
    assert sides == [row["side.class"] for row in rows.values()]
    names = loaded.signatures["class_names"]()["tags"].numpy().tolist()
    assert names == [b"blue", b"green", b"red"]


def test_a_threshold_is_for_labels_alone(folder: Path, modelforge_command: Run) -> None:
    spec, runs = folder / "iris.yaml", ("--runs", folder / "runs")
    spec.write_text(
        "modelforge: 1\nname: iris\ndata: {train: Iris}\nmodel:\n  layers:\n"
        '    - Dense: {units: "${data.classes}", activation: softmax}\n'
        "train: {loss: SparseCategoricalCrossentropy, epochs: 1}\n",
        encoding="utf-8",
    )
    assert modelforge_command("train", spec, *runs, "-q").exit_code == 0
    result = modelforge_command("evaluate", "iris", *runs, "--threshold", "0.3")
    assert result.exit_code == 1
    assert "error[no-labels]: `--threshold` decides about labels" in result.stderr


def test_the_gallery_spec_trains(folder: Path, modelforge_command: Run) -> None:
    text = GALLERY.read_text(encoding="utf-8")
    small = text.replace("weights: imagenet", "weights: null, alpha: 0.35")
    small = small.replace("[160, 160]", "[32, 32]").replace("epochs: 10", "epochs: 1")
    assert small.count("epochs: 1\n") == 2 and "alpha" in small
    (folder / "gallery.yaml").write_text(small, encoding="utf-8")
    runs = ("--runs", folder / "gallery")
    trained = modelforge_command("train", folder / "gallery.yaml", *runs, "-q")
    assert trained.exit_code == 0, trained.stderr
    (run,) = (folder / "gallery" / "multi-label").iterdir()
    (exported,) = json.loads((run / "export" / "export.json").read_text())["exports"]
    assert list(exported["inputs"]) == ["image_bytes"]
    assert exported["outputs"]["labels"]["shape"] == [None, 3]
    assert exported["class_names"] == ["blue", "green", "red"]
