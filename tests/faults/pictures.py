"""Folders of tiny pictures that need no library to be written."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np

SPEC = """\
modelforge: 1
name: pictures
data:
  train: {ImageFolder: {path: images, image_size: [8, 8]}}
  batch_size: 4
  cache: none
model:
  layers:
    - Flatten
    - Dense: {units: "${data.classes}", activation: softmax}
train: {loss: SparseCategoricalCrossentropy, epochs: 5, deterministic: true}
"""


def write_pictures(folder: Path, counts: dict[str, int]) -> Path:
    """So many PNG files of each class, and a spec that reads them; gives the spec."""
    for name, count in counts.items():
        (folder / "images" / name).mkdir(parents=True)
        for number in range(count):
            write_png(folder / "images" / name / f"{number}.png", number)
    spec = folder / "spec.yaml"
    spec.write_text(SPEC, encoding="utf-8")
    return spec


def write_png(path: Path, seed: int) -> None:
    """A picture of 8 x 8 random pixels."""
    pixels = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts))


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum
