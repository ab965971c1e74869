"""Data that is taken away, changed, or shared between training and validation."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.pictures import write_pictures, write_png
from faults.warm import run, start


def _vanish(path: Path) -> None:
    path.unlink()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:60])


@pytest.mark.parametrize(
    ("spoil", "why"),
    [(_vanish, "cannot be opened (No such file or directory)"), (_cut, "ends too early")],
)
def test_files_lost_while_the_model_trains_are_named(
    spoil: Callable[[Path], None], why: str, tmp_path: Path
) -> None:
    spec = write_pictures(tmp_path, {"a": 6, "b": 6})
    folder, pictures = tmp_path / "run", tmp_path / "images" / "a"
    shutil.copytree(pictures, tmp_path / "kept")
    command = start(
        ["train", spec, "--run", folder, "--set", "train.epochs=5000"], tmp_path / "log"
    )
    while command.running and "epoch 2/" not in command.said:
        time.sleep(0.02)
    for path in pictures.iterdir():
        spoil(path)
    code, said = command.wait(), command.said
    assert code == 5, said
    assert "error[data-lost]: 6 files of the data could be read when the run began" in said
    assert f"note: {pictures / '0.png'} {why}" in said
    assert "Traceback" not in said

    shutil.rmtree(pictures)
    (tmp_path / "kept").rename(pictures)
    done = len((folder / "history.jsonl").read_text(encoding="utf-8").splitlines())
    assert done >= 2
    more = ["--set", f"train.epochs={done + 1}"]
    code, said = run(["train", "--resume", folder, *more], tmp_path / "resumed.log")
    assert code == 0, said
    assert f"epoch {done + 1}/{done + 1}" in said


@pytest.mark.parametrize("other", ["images", "copied"])
def test_validation_on_the_training_data_is_refused(other: str, tmp_path: Path) -> None:
    spec = write_pictures(tmp_path, {"a": 6, "b": 6})
    shutil.copytree(tmp_path / "images", tmp_path / "copied")
    also = f"data.validation={{ImageFolder: {{path: {other}, image_size: [8, 8]}}}}"
    code, said = run(["train", spec, "--dry-run", "--set", also], tmp_path / "log")
    assert code == 1
    assert "error[same-data]: `validation` is the same data as `train`" in said


def test_two_parts_of_one_archive_are_not_the_same_data(
    specs: dict[str, Path], tmp_path: Path
) -> None:
    also = "data.validation={NPZ: {path: outputs.npz, target: kind}}"
    train = "data.train={NPZ: {path: outputs.npz, inputs: x, target: kind}}"
    spec = specs["dense"]
    arguments = ["train", spec, "--dry-run", "--set", train, "--set", also]
    code, said = run(arguments, tmp_path / "log")
    assert code == 0, said


def test_links_to_files_and_folders_are_not_followed(tmp_path: Path) -> None:
    spec = write_pictures(tmp_path, {"a": 6, "b": 6})
    images = tmp_path / "images"
    write_png(tmp_path / "outside.png", 99)
    os.symlink(tmp_path / "outside.png", images / "a" / "outside.png")
    os.symlink(tmp_path / "nothing", images / "a" / "dangling.png")
    os.symlink(images / "a", images / "a" / "loop")
    os.symlink(images, images / "b" / "up")
    os.symlink(images / "itself", images / "itself")
    code, said = run(["train", spec, "--dry-run"], tmp_path / "log")
    assert code == 0, said
    assert "12 samples in 3 steps per epoch" in said


def test_a_class_of_one_picture_is_a_warning(tmp_path: Path) -> None:
    spec = write_pictures(tmp_path, {"a": 12, "b": 1})
    share = ["--set", "data.validation=0.25"]
    code, said = run(["train", spec, "--dry-run", *share], tmp_path / "log")
    assert code == 0
    assert "warning[share-lacks-a-class]: `validation` has 3 samples and none of class b" in said
