"""What looking through a model file costs: of the whole opening, and for `validate` alone.

python benchmarks/model_files.py
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from modelforge.findings import Findings
from modelforge.loading import load_model
from modelforge.modelfile import Doubts, inspect

MODELS = ("MobileNetV2", "ResNet50", "ResNet152", "EfficientNetB4")
TIMES = 3


def seconds(action: Callable[[], object]) -> float:
    taken = []
    for _ in range(TIMES):
        keras.backend.clear_session()
        began = time.perf_counter()
        action()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def main() -> None:
    print(f"{'model':16} {'MB':>6} {'look':>8} {'keras':>8} {'opened':>8} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for name in MODELS:
            path = str(Path(folder) / f"{name}.keras")
            getattr(keras.applications, name)(weights=None).save(path)
            size = os.path.getsize(path) / 1e6
            look = seconds(lambda path=path: inspect(path, Doubts(path, Findings())))
            plain = seconds(lambda path=path: keras.models.load_model(path, compile=False))
            whole = seconds(lambda path=path: load_model(path))
            times = f"{look:7.3f}s {plain:7.2f}s {whole:7.2f}s {whole / plain:6.2f}"
            print(f"{name:16} {size:6.0f} {times}")


if __name__ == "__main__":
    main()
