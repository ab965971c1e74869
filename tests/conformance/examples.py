"""A minimal example of every word, made by rule from what the catalog says of its arguments.

Where Keras needs values that fit each other, or a layer needs an input of its own kind, a fixture
below gives them; no word is left out.
"""

from __future__ import annotations

import re
from typing import Any

from modelforge.catalog import Argument, Kind, Word, load_catalog
from modelforge.findings import Source, Span
from modelforge.spec import Object

NOWHERE = Span(Source("example", ""), 1, 1, 1, 1)

# What stands for an object of each kind inside another word.
_OBJECTS: dict[str, Any] = {
    "activation": "relu",
    "layer": {"Dense": {"units": 4}},
    "optimizer": "SGD",
}

# Values that Keras wants to be consistent, or that no type tells.
FIXTURES: dict[tuple[str, str], dict[str, Any]] = {
    ("activation", "threshold"): {"threshold": 0.5, "default_value": 0.0},
    ("callback", "ModelCheckpoint"): {"filepath": "best.keras"},
    ("dtype_policy", "AWQDTypePolicy"): {"mode": "awq/4/128", "source_name": "float32"},
    ("dtype_policy", "DTypePolicy"): {"name": "mixed_bfloat16"},
    ("dtype_policy", "FloatDTypePolicy"): {"name": "float32"},
    ("dtype_policy", "GPTQDTypePolicy"): {"mode": "gptq/4/128", "source_name": "float32"},
    ("dtype_policy", "Int4DTypePolicy"): {"mode": "int4/128", "source_name": "float32"},
    ("dtype_policy", "QuantizedDTypePolicy"): {"mode": "int8", "source_name": "float32"},
    ("dtype_policy", "QuantizedFloat8DTypePolicy"): {"mode": "float8", "source_name": "float32"},
    ("layer", "Bidirectional"): {"layer": {"LSTM": {"units": 4}}},
    ("layer", "CategoryEncoding"): {"num_tokens": 5},
    ("layer", "CenterCrop"): {"height": 4, "width": 4},
    ("layer", "Discretization"): {"bin_boundaries": [0.0, 1.0]},
    ("layer", "Dot"): {"axes": 1},
    ("layer", "EinsumDense"): {"equation": "ab,bc->ac", "output_shape": 4},
    ("layer", "GroupNormalization"): {"groups": 2},
    ("layer", "GroupQueryAttention"): {
        "head_dim": 4,
        "num_query_heads": 4,
        "num_key_value_heads": 2,
    },
    ("layer", "IntegerLookup"): {"vocabulary": [1, 2, 3]},
    ("layer", "MaxNumBoundingBoxes"): {"max_number": 2, "bounding_box_format": "xyxy"},
    ("layer", "Permute"): {"dims": [1]},
    # At inference Keras leaves larger images as they are, whatever shape it has announced.
    ("layer", "RandomCrop"): {"height": 8, "width": 8},
    ("layer", "RNN"): {"cell": {"LSTMCell": {"units": 4}}},
    ("layer", "Reshape"): {"target_shape": [4, 2]},
    ("layer", "StackedRNNCells"): {
        "cells": [{"LSTMCell": {"units": 4}}, {"GRUCell": {"units": 4}}]
    },
    ("layer", "StringLookup"): {"vocabulary": ["red", "green"]},
    ("layer", "TextVectorization"): {"vocabulary": ["red", "green"]},
    ("metric", "IoU"): {"num_classes": 2, "target_class_ids": [0]},
    ("metric", "OneHotIoU"): {"num_classes": 2, "target_class_ids": [0]},
    ("schedule", "PiecewiseConstantDecay"): {"boundaries": [10], "values": [0.1, 0.01]},
}


def minimal(word: Word) -> Any:
    """The word as a spec writes it with no more arguments than it needs: plain YAML values."""
    arguments = minimal_arguments(word)
    return {word.name: arguments} if arguments else word.name


def minimal_arguments(word: Word) -> dict[str, Any]:
    """The arguments without which the word cannot be made."""
    if word.kind == "application" and word.module != "modelforge":
        return _application(word)
    given = FIXTURES.get((word.kind, word.name), {})
    needed = {argument.name: example(argument) for argument in word.required}
    return {**needed, **given}


def example(argument: Argument) -> Any:
    """A value that fits the argument's kinds or types."""
    if argument.kinds and "number" not in argument.types:
        made = _OBJECTS.get(argument.kinds[0], "")
        return [made] if argument.many else made
    if argument.choices:
        return argument.choices[0]
    if "integer" in argument.types:
        return max(2, int(argument.minimum or 0))
    if "number" in argument.types:
        return 0.5
    if "array" in argument.types:
        return [2] * (argument.length[0] if argument.length else 1)
    return "example" if "string" in argument.types else 2


def as_object(value: Any, kind: Kind) -> Object:
    """A plain YAML value as the spec's object, the way the reader makes it."""
    name, written = (value, {}) if isinstance(value, str) else next(iter(value.items()))
    word = load_catalog().find(name, kind)
    assert word is not None, f"{name} is no {kind}"
    arguments = {key: _value(word.argument(key), item) for key, item in written.items()}
    return Object(word.kind, word.name, arguments, NOWHERE)


def _value(argument: Argument | None, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_value(argument, item) for item in value)
    if argument is not None and argument.kinds and isinstance(value, (dict, str)):
        for kind in argument.kinds:
            name = value if isinstance(value, str) else next(iter(value))
            if load_catalog().find(name, kind):
                return as_object(value, kind)
    return value


def _application(word: Word) -> dict[str, Any]:
    """Without weights (nothing is downloaded) and as small as the family allows."""
    smallest = 75 if re.match("Inception|Xception|NASNet", word.name) else 32
    smallest = 331 if word.name == "NASNetLarge" else smallest
    return {"weights": None, "include_top": False, "input_shape": [smallest, smallest, 3]}
