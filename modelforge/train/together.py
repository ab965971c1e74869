"""What the replicas have in common after a step: the values of metrics, and moving averages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf


def averaged_variables(model: keras.Model) -> list[Any]:
    """The variables that each replica changes by itself in a step, such as moving averages.

    They are numbers that nothing trains, in layers that are trained; those of a frozen layer
    would be sent around for nothing. Seeds are no such numbers: they are equal on all replicas.
    """
    frozen = {id(it) for layer in _layers(model) if not layer.trainable for it in layer.variables}
    return [
        variable
        for variable in model.non_trainable_variables
        if id(variable) not in frozen
        and variable.aggregation == "none"
        and tf.as_dtype(variable.dtype).is_floating
    ]


def join(
    model: keras.Model, logs: Mapping[str, Any], averaged: Sequence[Any], part: Any
) -> dict[str, Any]:
    """Called by each replica; the values of a step over all of them, the same on all.

    logs: what the step returned; the metrics' values are computed anew, from the sums over all
    replicas, which is where the mean of the replicas' values would be wrong. averaged: variables
    that become the mean of the replicas' values. part: how much of the batch this replica has,
    from 0 to 1; all means are weighted by it.
    """
    metrics = [it for it in model.metrics_variables if it.aggregation == "sum"]
    known = {it.name for it in model.metrics}
    own = {name: value for name, value in logs.items() if name not in known and _is_number(value)}
    weighted = [_weighted(value, part) for value in (*averaged, *own.values())]
    values = _sum([*(tf.identity(it.value) for it in metrics), *weighted])
    sums, means = values[: len(metrics)], values[len(metrics) :]
    for variable, mean in zip(averaged, means[: len(averaged)], strict=True):
        variable.assign(mean)
    with keras.StatelessScope(state_mapping=list(zip(metrics, sums, strict=True))):
        results: dict[str, Any] = dict(model.get_metrics_result())
    others = dict(zip(own, means[len(averaged) :], strict=True))
    return {**{name: it for name, it in logs.items() if it is not None}, **others, **results}


def _weighted(value: Any, part: Any) -> Any:
    value = tf.convert_to_tensor(value)
    # Where a replica has no samples its averages are no numbers, and count for nothing.
    return tf.where(part > 0, value * tf.cast(part, value.dtype), tf.zeros_like(value))


def _sum(values: Sequence[Any]) -> list[Any]:
    if not values:
        return []
    summed: list[Any] = tf.distribute.get_replica_context().all_reduce("SUM", list(values))
    return summed


def _is_number(value: Any) -> bool:
    return tf.is_tensor(value) and value.dtype.is_floating


def _layers(model: keras.Model) -> Iterator[Any]:
    for layer in model.layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from _layers(layer)
