"""What the replicas have in common after a step: the values of metrics, and moving averages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from modelforge.build.private import every_layer


def averaged_variables(model: keras.Model) -> list[Any]:
    """The variables that each replica changes by itself in a step, such as moving averages.

    They are numbers that nothing trains, in layers that are trained; those of a frozen layer
    would be sent around for nothing. Seeds are no such numbers: they are equal on all replicas.
    """
    layers = every_layer(model)  # those in wrappers, too
    frozen = {id(it) for layer in layers if not layer.trainable for it in layer.variables}
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
    """Called by each replica; what the step returned, over all replicas and the same on all.

    logs: what the step returned on this replica. The value of a metric is computed anew, from the
    sums over all replicas, where the mean of their values would be wrong; other numbers become
    their mean. averaged: variables that become the mean of the replicas' values. part: how much of
    the batch this replica has, from 0 to 1; means are weighted by it.
    """
    local = model.get_metrics_result()
    numbers = {name: it for name, it in logs.items() if _is_number(it)}
    # A step of one's own may call `loss` what is not the metric of that name.
    others = [_differs(numbers[name], local.get(name), part) for name in numbers]
    means = [_weighted(value, part) for value in (*averaged, *numbers.values())]
    sums, metrics = _sum([*others, *means], summed_variables(model))
    for variable, mean in zip(averaged, sums[len(others) :], strict=False):
        variable.assign(mean)
    results = _results(model, metrics)
    joined = dict(logs)
    for name, other, mean in zip(numbers, sums, sums[len(others) + len(averaged) :], strict=False):
        result = results.get(name)
        same = result is not None and result.shape == mean.shape
        joined[name] = tf.where(other > 0, mean, tf.cast(result, mean.dtype)) if same else mean
    return joined


def metric_values(model: keras.Model) -> dict[str, Any]:
    """Called by each replica; the values of the metrics over all replicas."""
    return _results(model, _sum([], summed_variables(model))[1])


def metric_sums(model: keras.Model) -> list[Any]:
    """Called by each replica; what the metrics keep, added up over all replicas, as tensors."""
    return [total for _, total in _sum([], summed_variables(model))[1]]


def values_of_sums(model: keras.Model, sums: Sequence[Any]) -> dict[str, Any]:
    """The values of the metrics that have kept these sums (of `metric_sums`, or added up)."""
    variables = summed_variables(model)
    tensors = [tf.cast(it, v.dtype) for v, it in zip(variables, sums, strict=True)]
    return _results(model, list(zip(variables, tensors, strict=True)))


def summed_variables(model: keras.Model) -> list[Any]:
    """What metrics add up, in the same order for every copy of the model."""
    return [it for it in model.metrics_variables if it.aggregation == "sum"]


def _results(model: keras.Model, sums: Sequence[tuple[Any, Any]]) -> dict[str, Any]:
    with keras.StatelessScope(state_mapping=list(sums)):
        return dict(model.get_metrics_result())


def _differs(value: Any, metric: Any, part: Any) -> Any:
    """1 where a value is not that of the metric, on a replica that has samples; else 0."""
    if metric is None or metric.shape != value.shape:
        return tf.constant(1.0)
    metric = tf.cast(metric, value.dtype)
    both_unknown = tf.math.is_nan(value) & tf.math.is_nan(metric)  # R2 of a single sample
    same = tf.reduce_all(tf.equal(value, metric) | both_unknown)
    return tf.where((part > 0) & ~same, 1.0, 0.0)


def _weighted(value: Any, part: Any) -> Any:
    value = tf.convert_to_tensor(value)
    # Where a replica has no samples its averages are no numbers, and count for nothing.
    return tf.where(part > 0, value * tf.cast(part, value.dtype), tf.zeros_like(value))


def _sum(
    values: Sequence[Any], variables: Sequence[Any]
) -> tuple[list[Any], list[tuple[Any, Any]]]:
    """The sums over all replicas of values, and of variables, each beside its own."""
    every = [*values, *(tf.identity(it.value) for it in variables)]
    if not every:
        return [], []
    sums = tf.distribute.get_replica_context().all_reduce("SUM", every)
    return sums[: len(values)], list(zip(variables, sums[len(values) :], strict=True))


def _is_number(value: Any) -> bool:
    return tf.is_tensor(value) and value.dtype.is_floating
