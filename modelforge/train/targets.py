"""What the data gives becomes what the losses take: targets by output, weights by class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from modelforge.data.bundle import Bundle
from modelforge.graph.agreement.weights import class_number
from modelforge.spec import TrainSection

Batches = Callable[[Any], Any]


def training_batches(train: TrainSection, bundle: Bundle, outputs: tuple[str, ...]) -> Batches:
    """How a dataset of training batches is changed before the model sees it."""
    weights = _class_weights(train, bundle)
    if weights is None:
        return measured_batches(outputs)
    table = tf.constant(weights, tf.float32)
    weigh = tf.function(lambda x, y: (x, y, tf.gather(table, _numbers(y))), reduce_retracing=True)
    return lambda dataset: dataset.map(weigh)


def measured_batches(outputs: tuple[str, ...]) -> Batches:
    """How a dataset is changed that is only measured on: no weights.

    The data has one target; every output learns it (an auxiliary output beside the main one).
    """
    if len(outputs) < 2:
        return lambda dataset: dataset
    spread = tf.function(lambda x, y: (x, (y,) * len(outputs)), reduce_retracing=True)
    return lambda dataset: dataset.map(spread)


def _class_weights(train: TrainSection, bundle: Bundle) -> np.ndarray | None:
    if train.class_weight is None:
        return None
    classes = int(bundle.facts["classes"])
    if train.class_weight == "balanced":
        counts = np.asarray(bundle.facts["class_counts"])
        return counts.sum() / (classes * np.maximum(counts, 1))
    weights = np.ones(classes, dtype=np.float32)
    assert isinstance(train.class_weight, Mapping)
    for name, weight in train.class_weight.items():
        number = class_number(str(name), bundle.given)
        assert number is not None  # checked before
        weights[number] = weight
    return weights


def _numbers(labels: Any) -> Any:
    return tf.reshape(tf.cast(labels, tf.int32), [-1])
