"""What the data gives becomes what the losses take: targets by output, weights by class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from modelforge.data.bundle import Bundle
from modelforge.graph.agreement.weights import BALANCED, class_number, class_weight_of
from modelforge.graph.given import Learned
from modelforge.spec import TrainSection
from modelforge.spec.targets import ONLY

Batches = Callable[[Any], Any]


def training_batches(train: TrainSection, bundle: Bundle, outputs: tuple[str, ...]) -> Batches:
    """How a dataset of training batches is changed before the model sees it.

    Keras takes weights by class for models with a single output only, so they become weights of
    the samples, one for each output.
    """
    tables = {output: _class_weights(train, output, bundle) for output in outputs}
    if all(table is None for table in tables.values()):
        return measured_batches(outputs)

    def weigh(x: Any, y: Any) -> tuple[Any, Any, Any]:
        learned = [target_of(y, output) for output in outputs]
        weights = [
            _ones(values) if tables[output] is None else tf.gather(tables[output], _numbers(values))
            for output, values in zip(outputs, learned, strict=True)
        ]
        return (
            x,
            *((learned[0], weights[0]) if len(outputs) == 1 else map(tuple, (learned, weights))),
        )

    weighed = tf.function(weigh, reduce_retracing=True)
    return lambda dataset: dataset.map(weighed)


def measured_batches(outputs: tuple[str, ...]) -> Batches:
    """How a dataset is changed that is only measured on: no weights.

    An output learns the target of its name, or the one that has none: then an auxiliary output
    learns it beside the main one.
    """

    def spread(x: Any, y: Any) -> tuple[Any, Any]:
        learned = tuple(target_of(y, output) for output in outputs)
        return x, learned if len(outputs) > 1 else learned[0]

    spreading = tf.function(spread, reduce_retracing=True)

    def changed(dataset: Any) -> Any:
        several = len(outputs) > 1 or isinstance(dataset.element_spec[-1], dict)
        return dataset.map(spreading) if several else dataset

    return changed


def target_of(targets: Any, output: str) -> Any:
    """What an output learns, among the targets of a batch."""
    if not isinstance(targets, Mapping):
        return targets
    return targets[output] if output in targets else targets[ONLY]


def _class_weights(train: TrainSection, output: str, bundle: Bundle) -> Any:
    learned = bundle.given.of(output)
    asked = class_weight_of(train, output, learned)
    if asked is None:
        return None
    return tf.constant(_weights(asked, learned), tf.float32)


def _weights(asked: Any, learned: Learned) -> np.ndarray:
    classes = int(learned.facts["classes"])
    if asked == BALANCED:
        counts = np.asarray(learned.facts["class_counts"])
        balanced: np.ndarray = counts.sum() / (classes * np.maximum(counts, 1))
        return balanced
    weights = np.ones(classes, dtype=np.float32)
    for name, weight in asked.items():
        number = class_number(str(name), learned)
        assert number is not None  # checked before
        weights[number] = weight
    return weights


def _numbers(labels: Any) -> Any:
    return tf.reshape(tf.cast(labels, tf.int32), [-1])


def _ones(values: Any) -> Any:
    """A weight of 1 for each sample, in as many axes as the loss has before it is averaged.

    Keras stretches weights by a single axis only, and an image's loss has two more.
    """
    axes = max(1, len(values.shape) - 1)
    return tf.ones(tf.concat([tf.shape(values)[:1], tf.ones([axes - 1], tf.int32)], 0))
