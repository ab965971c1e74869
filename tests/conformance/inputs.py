"""An input that fits each layer: by rule from its name and its call, by fixture where it is odd."""

from __future__ import annotations

import re
from typing import Any

import keras
import numpy as np

from modelforge.catalog import Word

_SPATIAL = 8
_BATCH = 2

# (shape without the batch, dtype), or one for each call argument.
_FIXTURES: dict[str, Any] = {
    "CategoryEncoding": ((3,), "int32"),
    "Embedding": ((6,), "int32"),
    "ReversibleEmbedding": ((6,), "int32"),
    "EinsumDense": ((8,), "float32"),
    "HashedCrossing": [((1,), "string"), ((1,), "string")],
    "Hashing": ((3,), "string"),
    "IntegerLookup": ((3,), "int32"),
    "StringLookup": ((3,), "string"),
    "TextVectorization": ((1,), "string"),
    "MelSpectrogram": ((4096,), "float32"),
    "STFTSpectrogram": ((1024, 1), "float32"),
    "MixUp": {"images": ((8, 8, 3), "float32"), "labels": ((4,), "float32")},
    "CutMix": {"images": ((8, 8, 3), "float32"), "labels": ((4,), "float32")},
    "MaxNumBoundingBoxes": {
        "images": ((8, 8, 3), "float32"),
        "bounding_boxes": {"boxes": ((3, 4), "float32"), "labels": ((3,), "int32")},
    },
}
_SEQUENCES = re.compile(r"(RNN|LSTM|GRU|Bidirectional|TimeDistributed)$")


def shapes_of(word: Word) -> Any:
    """The shapes and dtypes of a layer's first call argument."""
    if word.name in _FIXTURES:
        return _FIXTURES[word.name]
    one = _one(word)
    return [one, one] if word.merges else one


def symbolic(shapes: Any) -> Any:
    """The same structure as Keras inputs."""
    return _mapped(shapes, lambda shape, dtype: keras.Input(shape, dtype=dtype))


def values(shapes: Any) -> Any:
    """The same structure as arrays."""
    return _mapped(shapes, _array)


def _one(word: Word) -> tuple[tuple[int, ...], str]:
    rank = re.search(r"(\d)D", word.name)
    if rank and word.name.startswith("ConvLSTM"):
        return (3, *[_SPATIAL] * int(rank[1]), 4), "float32"
    if rank:
        return (*[_SPATIAL] * int(rank[1]), 4), "float32"
    if word.calls[0] == "data":
        return (_SPATIAL, _SPATIAL, 3), "float32"
    if word.calls[0] in ("query", "sequences", "sequence") or _SEQUENCES.search(word.name):
        return (6, 4), "float32"
    if "Attention" in word.name:
        return (6, 4), "float32"
    return (_SPATIAL,), "float32"


def _array(shape: tuple[int, ...], dtype: str) -> Any:
    full = (_BATCH, *shape)
    if dtype == "string":
        return np.full(full, "red", dtype=object)
    if dtype == "int32":
        return np.ones(full, dtype="int32")
    return np.random.default_rng(0).random(full, dtype="float32")


def _mapped(shapes: Any, function: Any) -> Any:
    if isinstance(shapes, dict):
        return {name: _mapped(item, function) for name, item in shapes.items()}
    if isinstance(shapes, list):
        return [_mapped(item, function) for item in shapes]
    return function(*shapes)
