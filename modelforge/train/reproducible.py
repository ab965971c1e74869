"""Seeds and determinism: what makes two runs of a spec alike."""

from __future__ import annotations

import keras
import tensorflow as tf

from modelforge.spec import TrainSection


def make_reproducible(train: TrainSection) -> None:
    """Seeds Python, NumPy and TensorFlow, before any layer is made.

    A seed alone does not make two runs equal, not even on a CPU: several threads add up in
    another order each time. `deterministic` forbids that, at some cost.
    """
    keras.utils.set_random_seed(train.seed)
    if train.deterministic:
        tf.config.experimental.enable_op_determinism()
