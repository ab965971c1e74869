"""Losses that do more than Keras's own of the same name."""

from __future__ import annotations

from typing import Any

import keras

from modelforge.layers.smoothing import SmoothedSparseCategoricalCrossentropy


def sparse_categorical_crossentropy(
    *, label_smoothing: float = 0.0, ignore_class: int | None = None, **arguments: Any
) -> keras.losses.Loss:
    """Keras's own where no labels are smoothed, so that a saved model needs nothing else."""
    if label_smoothing and ignore_class is not None:
        raise ValueError("`label_smoothing` and `ignore_class` cannot both be given")
    if not label_smoothing:
        return keras.losses.SparseCategoricalCrossentropy(ignore_class=ignore_class, **arguments)
    return SmoothedSparseCategoricalCrossentropy(label_smoothing, **arguments)
