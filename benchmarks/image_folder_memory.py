"""Resident memory while an image folder grows tenfold, without a cache; prints both and the ratio.

    python benchmarks/image_folder_memory.py [SMALL [LARGE]]

Each folder is read in a process of its own, since a process rarely gives memory back.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

SIDE, BATCH, BOUND = 64, 64, 1.25


def make_folder(folder: Path, count: int) -> None:
    """Generates JPEG files of noise in two classes."""
    import numpy as np
    import tensorflow as tf

    random = np.random.default_rng(0)
    for label in ("a", "b"):
        (folder / label).mkdir(parents=True)
    for number in range(count):
        pixels = random.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
        content = tf.io.encode_jpeg(pixels, quality=80).numpy()
        (folder / "ab"[number % 2] / f"{number:06}.jpg").write_bytes(content)


def read_folder(folder: Path) -> None:
    """Reads every batch of one epoch and prints the peak of the resident memory in MiB."""
    from modelforge.data import open_data
    from modelforge.findings import Findings, Source, Span
    from modelforge.spec import DataSection, Object

    span = Span(Source("benchmark", ""), 1, 1, 1, 1)
    source = Object("source", "ImageFolder", {"path": str(folder)}, span)
    section = DataSection(source, 0.1, None, BATCH, True, 0, (), "none", span)
    bundle = open_data(section, folder, Findings())
    read = sum(int(labels.shape[0]) for _, labels in bundle.train.batches())
    assert read == bundle.train.size
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def measure(count: int) -> float:
    """The peak resident memory, in MiB, of reading a folder of `count` images."""
    with tempfile.TemporaryDirectory() as name:
        make_folder(Path(name) / "images", count)
        command = [sys.executable, __file__, "--read", str(Path(name) / "images")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


def main(small: int, large: int) -> int:
    """Prints the figures; exit code 1 where the memory grew by more than a quarter."""
    first, second = measure(small), measure(large)
    print(f"{small:7,} images: {first:7.1f} MiB at most")
    print(f"{large:7,} images: {second:7.1f} MiB at most")
    print(f"ratio {second / first:.2f} for {large / small:.0f} times the images (bound {BOUND})")
    return 0 if second <= BOUND * first else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        read_folder(Path(sys.argv[2]))
    else:
        counts = [int(count) for count in sys.argv[1:]] or [2_000]
        sys.exit(main(counts[0], counts[1] if len(counts) > 1 else 10 * counts[0]))
