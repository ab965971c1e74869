"""Seeds and determinism: what makes two runs of a spec alike."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
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


def random_state() -> dict[str, Any]:
    """Where Python's and NumPy's own generators stand, which plugins may draw from."""
    return {"python": random.getstate(), "numpy": np.random.get_state(legacy=False)}


def set_random_state(state: Mapping[str, Any]) -> None:
    """Puts them where they stood."""
    random.setstate(state["python"])
    np.random.set_state(state["numpy"])
