"""What ModelForge's training costs beside Keras's own `fit`: the same model, data and epochs.

Both train in one process, in turn, several rounds, after a round that nobody times; `steps` is
the training loop alone, `run` the whole of it with history, checkpoints, events and best model.
`fit` writes nothing, so its fair opponent is `steps`; the aim is a ratio of at most 1.1.

    python benchmarks/training_overhead.py [SPEC] [--epochs 5] [--rounds 5]
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras

from modelforge.findings import Findings
from modelforge.runs import RunFolder
from modelforge.train import Prepared, train
from modelforge.train.position import Position
from modelforge.train.prepare import prepare_model

REPOSITORY = Path(__file__).parent.parent


class Blind:
    """A watch that does not look."""

    def begun(self) -> bool:
        """No checkpoint is put back."""
        return False

    def validating(self, position: Position, step: int) -> None:
        """Nothing."""

    def step_done(self, position: Position, logs: Any) -> None:
        """Nothing."""

    def epoch_done(self, epochs: int, values: Any) -> None:
        """Nothing."""


def fit(prepared: Prepared) -> None:
    """Keras's own loop over the same pipelines."""
    bundle, execution = prepared.bundle, prepared.execution
    prepared.model.fit(
        execution.training(bundle.train.batches()),
        validation_data=execution.measured(bundle.validation.batches()),
        epochs=prepared.epochs,
        verbose=0,
    )


def steps(prepared: Prepared) -> None:
    """ModelForge's loop, with nobody who looks on."""
    callbacks = keras.callbacks.CallbackList([], add_history=True, model=prepared.model)
    prepared.execution.run(callbacks, Blind(), Position(), prepared.epochs)


def run(prepared: Prepared) -> None:
    """All that `modelforge train` does between the first step and the last."""
    with tempfile.TemporaryDirectory() as folder:
        train(prepared, RunFolder.create(Path(folder), "overhead"))


WAYS: dict[str, Callable[[Prepared], None]] = {"fit": fit, "steps": steps, "run": run}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("spec", nargs="?", default=str(REPOSITORY / "specs" / "digits.yaml"))
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    overrides = [f"train.epochs={asked.epochs}", "train.callbacks=[]"]
    prepared = {name: prepare_model(asked.spec, overrides, Findings()) for name in WAYS}
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    for number in range(asked.rounds + 1):
        for name, way in WAYS.items():
            start = time.perf_counter()
            way(prepared[name])
            if number:  # the first round traces and compiles the steps
                times[name].append(time.perf_counter() - start)
    per_epoch = prepared["fit"].bundle.train.steps
    print(f"{asked.spec}: {asked.epochs} epochs of {per_epoch} steps, {asked.rounds} rounds")
    print(f"{'':6} {'ms/epoch':>9} {'min':>9} {'ratio to fit':>13}")
    for name, taken in times.items():
        ratio = statistics.median(t / f for t, f in zip(taken, times["fit"], strict=True))
        each = [1000 * seconds / asked.epochs for seconds in taken]
        print(f"{name:6} {statistics.median(each):9.1f} {min(each):9.1f} {ratio:13.2f}")


if __name__ == "__main__":
    main()
