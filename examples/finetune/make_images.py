"""Writes pictures of handwritten digits as PNG files, in folders by class below `images/`.

Each is a scan of scikit-learn's digits, in some size, place and colours, on a ground with noise.
`images/0-4` has many pictures of five classes, `images/5-9` few of the other five: 20 of each to
train on, and the rest to measure with.
"""

import struct
import zlib
from importlib.resources import files
from pathlib import Path

import numpy as np

NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
FEW = 20  # training pictures of each class of `5-9`
SIDE = 40
random = np.random.default_rng(0)


def picture(scan):
    """A scan of 8 x 8 numbers from 0 to 16 as a picture [SIDE, SIDE, 3] of bytes."""
    zoom = random.integers(3, 5)
    large = np.kron(scan / 16, np.ones((zoom, zoom)))
    top, left = random.integers(0, SIDE - 8 * zoom + 1, 2)
    ink = np.zeros((SIDE, SIDE, 1))
    ink[top : top + 8 * zoom, left : left + 8 * zoom, 0] = large
    ground, stroke = random.uniform(130, 255, 3), random.uniform(0, 110, 3)
    noise = random.normal(0, 15, (SIDE, SIDE, 3))
    return (ground * (1 - ink) + stroke * ink + noise).clip(0, 255).astype("uint8")


def png(pixels):
    """A picture [height, width, 3] as a PNG file: a header, and the rows, each behind a 0."""
    height, width, _ = pixels.shape
    rows = np.pad(pixels.reshape(height, -1), ((0, 0), (1, 0))).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, RGB
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


digits = np.load(files("modelforge") / "data/bundled/digits.npz")
for digit, name in enumerate(NAMES):
    scans = digits["inputs"][digits["target"] == digit][..., 0]
    half, count = ("0-4", len(scans) * 4 // 5) if digit < 5 else ("5-9", FEW)
    for number, scan in enumerate(scans):
        train = number < count
        folder = Path("images", half, "train" if train else "test", name)
        folder.mkdir(parents=True, exist_ok=True)
        for copy in range(2 if train and digit < 5 else 1):
            folder.joinpath(f"{number:03}-{copy}.png").write_bytes(png(picture(scan)))
for folder in sorted(Path("images").glob("*/*")):
    print(folder.as_posix(), len(list(folder.glob("*/*.png"))), "pictures")
