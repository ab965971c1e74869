"""What a model's raw outputs mean: classes or labels with probabilities, or numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

# Probabilities; logits (the loss was told `from_logits`); or scores that are only comparable.
Meaning = Literal["probabilities", "logits", "scores"]


@dataclass(frozen=True, slots=True)
class Classes:
    """Chosen class numbers [n], and probabilities (or scores) of all classes [n, classes]."""

    chosen: np.ndarray
    probabilities: np.ndarray


def read_classes(outputs: np.ndarray, classes: int, meaning: Meaning) -> Classes | None:
    """The classes that outputs [n, 1] or [n, classes] stand for; None where they stand for none.

    One unit is the probability (or logit) of the second of two classes; a bare score of one unit
    has no threshold.
    """
    outputs = np.asarray(outputs, dtype=np.float64)
    if outputs.ndim == 1:
        outputs = outputs[:, None]
    if outputs.ndim != 2 or outputs.shape[1] not in (1, classes):
        return None
    if outputs.shape[1] == 1:
        if classes != 2 or meaning == "scores":
            return None
        second = _sigmoid(outputs[:, 0]) if meaning == "logits" else outputs[:, 0]
        probabilities = np.stack([1 - second, second], axis=1)
        return Classes((second > 0.5).astype(np.int64), probabilities)
    probabilities = _softmax(outputs) if meaning == "logits" else outputs
    return Classes(outputs.argmax(axis=1), probabilities)


def read_labels(outputs: np.ndarray, labels: int, meaning: Meaning) -> np.ndarray | None:
    """The probability of each label, float32 [n, labels]; None where the outputs are none."""
    outputs = np.asarray(outputs, dtype=np.float64)
    if meaning == "scores" or outputs.ndim != 2 or outputs.shape[1] != labels:
        return None
    return (_sigmoid(outputs) if meaning == "logits" else outputs).astype(np.float32)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(values / 2))  # does not overflow


def _softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return shares
