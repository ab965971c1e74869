"""The schema of learning rates by layer: `learning_rate_multipliers` and `layer_decay`."""

from __future__ import annotations

from modelforge.schema.forms import Schema
from modelforge.schema.values import number


def multipliers() -> Schema:
    """`train.learning_rate_multipliers`: numbers by selector, as `freeze` takes them."""
    return {
        "type": "object",
        "additionalProperties": {
            **number("a number greater than 0"),
            "exclusiveMinimum": 0,
        },
        "x-expected": "numbers by the names of layers",
        "description": "What the learning rate of layers is multiplied by: by names, globs over "
        "path names (`block6*`) or classes; the last that selects a layer holds.",
    }


def layer_decay() -> Schema:
    """`train.layer_decay`: how the rate falls from layer to layer."""
    return {
        **number("a number greater than 0 and at most 1"),
        "exclusiveMinimum": 0,
        "maximum": 1,
        "description": "The learning rate of each layer with weights, as a share of that of the "
        "layer after it.",
    }
