"""A SavedModel that takes the bytes of image files answers as the training pipeline does."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from modelforge.data.reading import decode_images
from modelforge.evaluate import open_run
from modelforge.export import asked_for, export_run
from modelforge.findings import Findings
from modelforge.runs import RunFolder
from tests.cli.conftest import trained

PICTURES = Path(__file__).parents[1] / "data" / "pictures"
SPEC = """
modelforge: 1
name: pictures
data:
  train: {ImageFolder: {path: pictures, image_size: [12, 10], color_mode: MODE, resize: RESIZE}}
  validation: 0.5
  batch_size: 5
model:
  layers:
    - Rescaling: {scale: "${1 / 127.5}", offset: -1}
    - RandomFlip
    - Conv2D: {filters: 4, kernel_size: 3}
    - Flatten
    - Dropout: 0.2
    - Dense: {units: 3, name: kind}
train:
  loss: {SparseCategoricalCrossentropy: {from_logits: true}}
  optimizer: {Adam: 0.01}
  epochs: 1
export:
  - SavedModel: {inputs: raw, labels: true, version: 3}
"""
CLASSES = ("gris", "naïve", "rot")


def pictures_run(folder: Path, mode: str, resize: str = "stretch") -> RunFolder:
    """Real files of every format in every class; what they show does not matter."""
    for name in CLASSES:
        shutil.copytree(PICTURES, folder / "pictures" / name)
        if mode == "grayscale":  # libjpeg makes no grey of CMYK
            (folder / "pictures" / name / "cmyk.jpg").unlink()
    return trained(folder, SPEC.replace("MODE", mode).replace("RESIZE", resize))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return pictures_run(tmp_path_factory.mktemp("rgb"), "rgb")


def contents(mode: str = "rgb") -> list[Path]:
    files = sorted(PICTURES.iterdir())
    return [file for file in files if mode != "grayscale" or file.name != "cmyk.jpg"]


def test_the_record_tells_both_ways_in(run: RunFolder) -> None:
    (made,) = json.loads((run.path / "export" / "export.json").read_text())["exports"]
    assert made["path"] == str(run.path / "export" / "serving" / "3") and made["version"] == 3
    assert made["inputs"] == {
        "image_bytes": {"shape": [None], "dtype": "string", "data": "image_bytes"}
    }
    assert made["tensors"] == {
        "input": {"shape": [None, 12, 10, 3], "dtype": "float32", "data": "input"}
    }
    assert made["max_difference"] < 1e-5 and made["samples"] == 27, "the validation split"
    assert [path.name for path in (run.path / "export" / "serving").iterdir()] == ["3"]


@pytest.mark.parametrize(
    ("mode", "resize"), [("rgb", "stretch"), ("grayscale", "crop"), ("rgba", "pad")]
)
def test_bytes_of_every_format_answer_as_the_training_pipeline(
    mode: str, resize: str, run: RunFolder, tmp_path: Path
) -> None:
    if mode != "rgb":
        run = pictures_run(tmp_path, mode, resize)
    model = open_run(run).model
    files = contents(mode)
    pixels = decode_images(files, run.read_data())
    expected = model.predict(pixels, verbose=0)

    loaded = tf.saved_model.load(str(run.path / "export" / "serving" / "3"))
    batch = tf.constant([file.read_bytes() for file in files])
    served = loaded.signatures["serving_default"](image_bytes=batch)
    decoded = loaded.signatures["serve_tensor"](input=tf.constant(pixels))

    assert served["kind"].numpy() == pytest.approx(expected, abs=1e-5)
    assert decoded["kind"].numpy() == pytest.approx(expected, abs=1e-5)
    assert np.ptp(expected, axis=0).min() > 1e-3, "the pictures are not all one to it"
    labels = [label.decode() for label in served["label"].numpy()]
    assert labels == [CLASSES[number] for number in expected.argmax(axis=1)]
    assert served["scores"].numpy().sum(axis=1) == pytest.approx(np.ones(len(files)), abs=1e-5)


@pytest.mark.parametrize("cache", ["memory", "none"])
def test_samples_are_files_with_their_own_pixels_in_any_order(cache: str, tmp_path: Path) -> None:
    """Without validation they are training samples, which are shuffled."""
    from modelforge.data.encoded import decode_batch
    from modelforge.data.images import ImageReading
    from modelforge.export.samples import image_samples
    from tests.data.conftest import opened, section

    for name in CLASSES:
        shutil.copytree(PICTURES, tmp_path / name)
    arguments = {"path": ".", "image_size": (9, 7)}
    bundle, _ = opened(tmp_path, section("ImageFolder", arguments, cache=cache))
    files, pixels = image_samples(bundle)
    assert len(files["image_bytes"]) == len(pixels["input"]) == 54 < 65
    decoded = decode_batch(tf.constant(files["image_bytes"]), ImageReading(9, 7))
    assert np.array_equal(decoded, pixels["input"])
    in_order = b"".join((PICTURES / name).read_bytes() for name in sorted(PICTURES.iterdir()))
    assert b"".join(files["image_bytes"][:18]) != in_order, "shuffled"


def test_large_files_are_compared_by_fewer(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    from modelforge.export import samples

    monkeypatch.setattr(samples, "MOST_IMAGE_BYTES", 2000)
    findings = Findings()
    (made,) = export_run(run, (asked_for("SavedModel", {"version": 5}),), findings)
    assert not findings.errors and 1 <= made["samples"] < 27
    shutil.rmtree(made["path"])


STRANGER = """
import sys
# TensorFlow itself imports keras where it finds it: None makes every import of it fail.
sys.modules["modelforge"] = sys.modules["keras"] = None
import tensorflow as tf
loaded = tf.saved_model.load(sys.argv[1])
serve = loaded.signatures["serving_default"]
batch = tf.constant([open(path, "rb").read() for path in sys.argv[2:]])
answer = serve(image_bytes=batch)
print([label.decode() for label in answer["label"].numpy()])
assert not [name for name in sys.modules if name.startswith(("keras.", "modelforge."))]
try:
    serve(image_bytes=tf.constant([batch[0].numpy(), batch[1].numpy()[:-40]]))
except tf.errors.InvalidArgumentError as error:
    print(error.message)
"""


def test_a_process_without_keras_gets_labels_and_a_clear_error(run: RunFolder) -> None:
    files = [str(PICTURES / name) for name in ("lossy.webp", "grey16.png", "animated.gif")]
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", STRANGER, run.path / "export/serving/3", *files],
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    labels, *error = done.stdout.splitlines()
    expected = open_run(run).model.predict(
        decode_images([Path(file) for file in files], run.read_data()), verbose=0
    )
    assert labels == str([CLASSES[number] for number in expected.argmax(axis=1)])
    assert "image 1 of the batch ends too early (was it sent only in part?)" in "".join(error)


def test_pixels_alone_where_the_spec_wants_them(run: RunFolder) -> None:
    findings = Findings()
    (made,) = export_run(run, (asked_for("SavedModel", {"inputs": "model"}),), findings)
    assert not findings.errors
    assert made["inputs"]["input"]["shape"] == [None, 12, 10, 3] and "tensors" not in made
    loaded = tf.saved_model.load(made["path"])
    assert set(loaded.signatures) == {"serve", "serving_default", "class_names"}
    record = json.loads((run.path / "export" / "export.json").read_text())
    assert {it.get("version") for it in record["exports"]} >= {3, None}, "both are kept"


def test_a_keras_file_takes_pixels(run: RunFolder) -> None:
    findings = Findings()
    (made,) = export_run(run, (asked_for("Keras"),), findings)
    assert not findings.errors and made["inputs"]["input"]["shape"] == [None, 12, 10, 3]


def test_an_export_that_reads_bytes_otherwise_than_training_is_refused(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proof that it is the bytes of the validation split that are compared."""
    from modelforge.data import encoded

    decode = encoded.decode
    monkeypatch.setattr(encoded, "decode", lambda *a: tf.image.flip_left_right(decode(*a)))
    findings = Findings()
    wanted = asked_for("SavedModel", {"version": 4})
    assert export_run(run, (wanted,), findings) == []
    assert [finding.rule for finding in findings.errors] == ["export-differs"]
    assert [path.name for path in (run.path / "export" / "serving").iterdir()] == ["3"]
    run.path.joinpath("export", "serving").rename(run.path / "export" / "kept")
    assert export_run(run, (wanted,), findings) == []
    assert not (run.path / "export" / "serving").exists(), "nothing is left behind"
    run.path.joinpath("export", "kept").rename(run.path / "export" / "serving")


@pytest.mark.slow
def test_saved_model_cli_runs_it(run: RunFolder, tmp_path: Path) -> None:
    contents = [(PICTURES / name).read_bytes() for name in ("rgb.bmp", "progressive.jpg")]
    # As bytes objects: arrays of fixed length would lose the zeros at the end.
    np.save(tmp_path / "images.npy", np.array(contents, dtype=object), allow_pickle=True)
    command = Path(sys.executable).with_name("saved_model_cli")
    model = str(run.path / "export" / "serving" / "3")

    def ask(*arguments: str) -> str:
        done = subprocess.run(
            [command, *arguments], capture_output=True, check=False, encoding="utf-8"
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    told = ask("show", "--dir", model, "--tag_set", "serve", "--signature_def", "serving_default")
    assert "inputs['image_bytes'] tensor_info:" in told and "outputs['top_k_labels']" in told
    told = ask(
        "run", "--dir", model, "--tag_set", "serve", "--signature_def", "serving_default",
        "--inputs", f"image_bytes={tmp_path / 'images.npy'}", "--outdir", str(tmp_path),
    )  # fmt: skip
    assert "Result for output key label:" in told
    labels = np.load(tmp_path / "label.npy", allow_pickle=True)
    assert set(labels) <= {name.encode() for name in CLASSES} and len(labels) == 2
