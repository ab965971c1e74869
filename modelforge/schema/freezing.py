"""The schema of what is trained and what is not: `freeze` and `batch_norm`."""

from __future__ import annotations

from modelforge.schema.forms import VARIABLE, Schema
from modelforge.schema.values import choice, section

MOST = 500  # selectors in a list: each is held against every layer
AUTO, INFERENCE, TRAIN = "auto", "inference", "train"


def freeze() -> Schema:
    """`train.freeze`: a selector, a list of them, or a mapping that says more."""
    keys = {
        "layers": selectors("Names, globs over path names (`block6*`), or classes of layers."),
        "except": selectors("Those among them that are trained after all."),
        "until": {
            "type": "string",
            "x-expected": "the name of a layer",
            "description": "A layer; it is frozen with all that its output depends on.",
        },
        "first": _amount("So many layers with weights from the input, or a share of them."),
        "last": _amount("So many layers with weights from the output, or a share of them."),
    }
    return {
        **section("freeze", keys),
        "type": ["string", "array", "object"],
        "minProperties": 1,
        "items": selector(),
        "maxItems": MOST,
        "x-expected": "the name of a layer, a list of them, or a mapping",
        "description": "Which layers keep their weights.",
    }


def batch_norm() -> Schema:
    """`train.batch_norm`: whether batch normalization uses, and learns, statistics of the batch."""
    return choice(
        "`inference`: batch normalization keeps its statistics; `train`: it learns them; `auto`: "
        "that of loaded models keeps them.",
        (AUTO, INFERENCE, TRAIN),
    )


def selector() -> Schema:
    """One selector."""
    return {"type": "string", "x-expected": "the name of a layer"}


def frozen_features() -> Schema:
    """`train.frozen_features`: where what frozen layers make of each sample is kept."""
    return choice(
        "Where the output of frozen layers is kept, which is computed once for each sample: `auto` "
        "chooses memory or disk where it pays; `none`: every step computes it.",
        (AUTO, "memory", "disk", "none"),
    )


def selectors(description: str) -> Schema:
    """A selector, or a list of them."""
    return {
        "type": ["string", "array"],
        "items": selector(),
        "minItems": 1,
        "maxItems": MOST,
        "x-expected": "the name of a layer, or a list of them",
        "description": description,
    }


def _amount(description: str) -> Schema:
    return {
        "type": ["number", "string"],
        "pattern": f"^{VARIABLE}$",
        "exclusiveMinimum": 0,
        "x-expected": "a number of layers, or a share between 0 and 1",
        "description": description,
    }
