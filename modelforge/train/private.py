"""The only place that touches what Keras keeps to itself: building without data, the step itself.

Seen on Keras 3.15.1. A later Keras may move these names: then training ends before its first step
with a sentence that says which name is missing, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from modelforge.findings import refuse

SEEN_ON = "3.15.1"


def build_from_shapes(model: keras.Model, batch: Any) -> None:
    """Makes the variables of optimizer, losses and metrics from KerasTensors instead of data."""
    _needed(model, "_symbolic_build")(data_batch=batch)


def make_steps(model: keras.Model) -> None:
    """Makes the functions that `train_step` and `test_step` call; nothing is traced yet."""
    _needed(model, "make_train_function")()
    _needed(model, "make_test_function")()


def train_step(model: keras.Model, batches: Iterator[Any]) -> dict[str, Any]:
    """Learns from the next batch; the values so far, as tensors."""
    values: dict[str, Any] = _needed(model, "train_function")(batches)
    return values


def test_step(model: keras.Model, batches: Iterator[Any]) -> dict[str, Any]:
    """Measures the next batch; the values so far, as tensors."""
    values: dict[str, Any] = _needed(model, "test_function")(batches)
    return values


def restored_by_callback(model: keras.Model) -> int:
    """The epoch that BackupAndRestore leaves in the model; 0 where it restored nothing."""
    # Without the name nothing is lost but that callback's restoring: `--resume` does not need it.
    return int(getattr(model, "_initial_epoch", None) or 0)


def _needed(model: keras.Model, name: str) -> Any:
    found = getattr(model, name, None)
    if callable(found):
        return found
    raise refuse(
        "keras-changed",
        f"Keras {keras.__version__} has no `Model.{name}`, which ModelForge trains with",
        notes=[
            f"it was there in Keras {SEEN_ON}: run `pip install keras=={SEEN_ON}`",
            "please report it, with both versions",
        ],
    )
