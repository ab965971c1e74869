"""Learned features as a Keras model from raw columns to a model's inputs: one vector, and texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from modelforge.catalog.naming import MAIN
from modelforge.catalog.own.features import text_inputs
from modelforge.data.features.feature import Learned

_CHUNK = 16_384  # rows that are preprocessed at a time, fewer where they are wide
_CHUNK_BYTES = 2**26


def preprocessing_model(learned: Sequence[Learned]) -> Any:
    """A keras.Model from a dict of raw columns [rows, 1] to the model's inputs by name.

    They are a float32 vector [rows, width], called MAIN, and the texts [rows, 1] that the model
    takes as they are.
    """
    inputs = {
        item.column: keras.Input(
            (1,), dtype=item.feature.raw_dtype, name=item.column.replace("/", "_")
        )
        for item in learned
    }
    texts = text_inputs({item.column: item.kind for item in learned})
    coded = [item for item in learned if item.column not in texts]
    parts = [part for item in coded for part in _encode(item, inputs[item.column])]
    outputs = {name: layers.Identity(dtype="string")(inputs[it]) for it, name in texts.items()}
    if parts:
        joined = layers.Concatenate(dtype="float32")(parts) if len(parts) > 1 else parts[0]
        outputs = {MAIN: joined, **outputs}
    return keras.Model(inputs, outputs, name="preprocessing")


def apply(
    model: Any, learned: Sequence[Learned], raw: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The inputs of all rows, by name; learned: what the model was made of."""
    texts = text_inputs({item.column: item.kind for item in learned})
    as_they_are = {name: raw[column] for column, name in texts.items()}
    if MAIN not in model.output or MAIN in as_they_are:
        return as_they_are
    rows, width = len(next(iter(raw.values()))), int(model.output[MAIN].shape[-1])
    chunk = max(1, min(_CHUNK, _CHUNK_BYTES // (4 * width)))
    vectors = np.empty((rows, width), dtype=np.float32)
    run = tf.function(lambda columns: model(columns, training=False)[MAIN], reduce_retracing=True)
    for start in range(0, rows, chunk):
        columns = {name: tf.constant(raw[name][start : start + chunk]) for name in raw}
        vectors[start : start + chunk] = run(columns).numpy()
    return {MAIN: vectors, **as_they_are}


def _encode(item: Learned, column: Any) -> list[Any]:
    if item.kind == "string_categorical":
        lookup = layers.StringLookup(
            vocabulary=list(item.vocabulary), mask_token=None, output_mode="one_hot"
        )
        return [ops.cast(lookup(column), "float32")]
    if item.kind == "string_hashed":
        return [_hashed(item, column)]
    absent = ops.isnan(column)
    flag = [ops.cast(absent, "float32")] if item.missing else []
    if item.kind == "integer_hashed":
        whole = ops.cast(ops.where(absent, -1.0, column), "int64")
        return [_hashed(item, whole), *flag]
    if item.kind == "integer_categorical":
        known = ops.equal(column, np.array([item.vocabulary], dtype=np.float32))
        known = ops.cast(known, "float32")
        unknown = 1.0 - ops.max(known, axis=1, keepdims=True) - ops.cast(absent, "float32")
        return [unknown, known, *flag]
    if item.kind == "float_discretized":
        return [_ranges(item, column, absent), *flag]
    present = ops.where(absent, item.offset if item.kind != "float" else 0.0, column)
    return [(present - item.offset) / item.scale, *flag]


def _hashed(item: Learned, column: Any) -> Any:
    hashed = layers.Hashing(item.bins, output_mode="one_hot")(column)
    return ops.cast(ops.reshape(hashed, (-1, item.bins)), "float32")


def _ranges(item: Learned, column: Any, absent: Any) -> Any:
    edges = np.array([[*item.boundaries]], dtype=np.float32).reshape(1, -1)
    above = ops.cast(ops.greater_equal(column, edges), "int32")
    ranges = ops.one_hot(ops.sum(above, axis=1), len(item.boundaries) + 1, dtype="float32")
    return ranges * (1.0 - ops.cast(absent, "float32"))
