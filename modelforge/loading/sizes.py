"""How much a model would hold, found out before a byte of it is allocated."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from math import prod
from typing import Any

import keras

from modelforge.findings.size import size_text
from modelforge.loading.weights import RULE
from modelforge.modelfile.doubts import Doubts

SLACK = 16 << 20  # bytes: small models may have weights that no file holds


def check_sizes(configuration: bytes, held: int, doubts: Doubts, *, old: bool = False) -> None:
    """Refuses a model that would hold much more than its file does; `held` is what that has.

    The model is made in a scope in which Keras notes down its weights and makes none.
    old: whether the configuration is of a file in the old HDF5 format.
    """
    record = json.loads(configuration)
    record["compile_config"] = None
    with keras.StatelessScope(initialize_variables=False):
        model = _of_old(record) if old else _of_new(record)
        wanted = sum(_size(variable) for variable in model.variables)
    if wanted > 2 * held + SLACK:
        doubts.say(
            RULE,
            f"its layers would hold {size_text(wanted)}, and its weights have {size_text(held)}",
            "a model that was trained brings all its weights",
        )


def _of_new(record: Mapping[str, Any]) -> Any:
    return keras.saving.deserialize_keras_object(record, safe_mode=True)


def _of_old(record: Mapping[str, Any]) -> Any:
    kind = keras.Sequential if record["class_name"] == "Sequential" else keras.Model
    return kind.from_config(record["config"])


def _size(variable: Any) -> int:
    bits = re.search(r"\d+", keras.backend.standardize_dtype(variable.dtype))
    return prod(variable.shape) * max(1, int(bits.group()) // 8 if bits else 1)
