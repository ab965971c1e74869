"""Questions that are images: files, or folders of them at any depth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from modelforge.data.decoding import decode_files
from modelforge.data.images import ImageReading
from modelforge.evaluate.asked import BATCH, Asked, Questions
from modelforge.sniff.image import SUFFIXES, Unreadable, read_header


def ask_images(questions: Questions) -> Iterator[Asked]:
    """The images, read exactly as in training."""
    reading = ImageReading.from_plain(questions.reading)
    (name,) = questions.manifest["inputs"]
    files = image_files(questions)
    for start in range(0, len(files), BATCH):
        readable = [f for f in files[start : start + BATCH] if _has_header(f, questions)]
        pixels, failures = decode_files([str(file) for file in readable], reading)
        broken = dict(failures)
        for number, why in failures:
            questions.unreadable(readable[number], f"cannot be decoded: {why}")
        kept = [number for number in range(len(readable)) if number not in broken]
        if kept:
            names = [str(readable[number]) for number in kept]
            yield Asked(names, {name: pixels[kept].astype(np.float32)})


def image_files(questions: Questions) -> list[Path]:
    """The files that are asked about, those of folders among them."""
    return [file for path in questions.existing() for file in _files(path, questions)]


def _files(path: Path, questions: Questions) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(f for f in path.rglob("*") if f.suffix.lower() in SUFFIXES and f.is_file())
    if not found:
        questions.unreadable(path, "holds no images", f"images end in {', '.join(SUFFIXES)}")
    return found


def _has_header(file: Path, questions: Questions) -> bool:
    """Whether it is an image at all, and of a size that can be decoded safely."""
    try:
        read_header(file)
    except Unreadable as error:
        questions.unreadable(file, str(error), "this run was trained on images")
        return False
    return True
