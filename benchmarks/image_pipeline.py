"""Images per second of an ImageFolder, next to Keras's own loader on the same files.

    python benchmarks/image_pipeline.py FOLDER [SIZE]

FOLDER has one folder of images for each class. Both read without a cache, decode, resize to SIZE,
shuffle and batch. Of several epochs, taken in turn, it prints the best rate behind the first batch
and the least time to that batch (ours makes a new order for every epoch and can begin at any
step, which costs some hundredths of a second). Exit code 1 where our rate is below nine tenths of
Keras's.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BATCH, EPOCHS, BOUND = 64, 5, 0.9


def ours(folder: Path, size: int, cache: str) -> Callable[[int], Any]:
    """Our training split; the argument is the epoch."""
    from modelforge.data import open_data
    from modelforge.findings import Findings, Source, Span
    from modelforge.spec import DataSection, Object

    span = Span(Source("benchmark", ""), 1, 1, 1, 1)
    arguments: dict[str, Any] = {"path": str(folder), "image_size": (size, size)}
    source = Object("source", "ImageFolder", arguments, span)
    section = DataSection(source, None, None, BATCH, True, 0, (), cache, span)
    return open_data(section, folder, Findings()).train.batches


def keras_loader(folder: Path, size: int) -> Callable[[int], Any]:
    """Keras's loader, with the prefetching that its documentation advises."""
    import keras
    import tensorflow as tf

    data = keras.utils.image_dataset_from_directory(
        str(folder), image_size=(size, size), batch_size=BATCH, seed=0, verbose=False
    )
    prefetched = data.prefetch(tf.data.AUTOTUNE)
    return lambda epoch: prefetched


def measure(make: Callable[[int], Any], epoch: int) -> tuple[float, float]:
    """Images per second behind the first batch, and the seconds to that batch."""
    start = time.perf_counter()
    batches = iter(make(epoch))
    next(batches)
    first = time.perf_counter()
    images = sum(int(batch[0].shape[0]) for batch in batches)
    return images / (time.perf_counter() - first), first - start


def main(folder: Path, size: int) -> int:
    """Prints the rates and their ratio."""
    import modelforge.data.open  # noqa: F401 - importing TensorFlow is not what is measured

    start = time.perf_counter()
    plain = ours(folder, size, "none")
    opened = time.perf_counter()
    theirs = keras_loader(folder, size)
    print(f"opened in {opened - start:.2f} s (Keras {time.perf_counter() - opened:.2f} s)")
    cached = ours(folder, size, "memory")
    loaders = {"ours": plain, "Keras": theirs, "ours, cached": cached}
    best = dict.fromkeys(loaders, (0.0, 60.0))
    for epoch in range(EPOCHS):
        for name, make in loaders.items():
            rate, first = measure(make, epoch)
            best[name] = max(best[name][0], rate), min(best[name][1], first)
    for name, (rate, first) in best.items():
        print(f"{name:13} {rate:9,.0f} images/s, first batch after {first:.3f} s")
    ratio = best["ours"][0] / best["Keras"][0]
    print(f"ratio {ratio:.2f} (bound {BOUND})")
    return 0 if ratio >= BOUND else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 32))
