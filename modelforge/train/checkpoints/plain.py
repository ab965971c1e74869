"""State of any sort as JSON beside arrays, and back: no pickle, so that reading runs no code."""

from __future__ import annotations

from collections import deque
from typing import Any

import keras
import numpy as np


class Unsayable(Exception):
    """A value that a checkpoint cannot hold: an open file, a function, an object."""


def write_plain(value: Any, arrays: list[np.ndarray]) -> Any:
    """The value as JSON has it; what is an array is added to `arrays` and referred to."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) is list:
        return [write_plain(item, arrays) for item in value]
    for kind, name in ((tuple, "tuple"), (set, "set"), (frozenset, "frozenset")):
        if type(value) is kind:
            return {f"${name}": [write_plain(item, arrays) for item in value]}
    if type(value) is deque:
        return {"$deque": [write_plain(item, arrays) for item in value], "maxlen": value.maxlen}
    if type(value) is dict:
        pairs = [[write_plain(k, arrays), write_plain(v, arrays)] for k, v in value.items()]
        return {"$dict": pairs}
    if type(value) is bytes:
        return {"$bytes": value.hex()}
    return _write_array(value, arrays)


def _write_array(value: Any, arrays: list[np.ndarray]) -> Any:
    kind = "$scalar" if isinstance(value, np.generic) else "$array"
    if not isinstance(value, np.generic | np.ndarray):
        if not keras.ops.is_tensor(value):
            raise Unsayable(type(value).__name__)
        value = keras.ops.convert_to_numpy(value)
    array = np.asarray(value)
    if array.dtype.hasobject or array.dtype.name == "bfloat16":
        raise Unsayable(f"array of {array.dtype.name}")
    arrays.append(array)
    return {kind: len(arrays) - 1}


def read_plain(value: Any, arrays: list[np.ndarray]) -> Any:
    """What `write_plain` was given; a tensor comes back as an array."""
    if isinstance(value, list):
        return [read_plain(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    kind, content = next(iter(value.items()))
    if kind in ("$array", "$scalar"):
        return arrays[content] if kind == "$array" else arrays[content][()]
    if kind == "$bytes":
        return bytes.fromhex(content)
    if kind == "$dict":
        return {read_plain(k, arrays): read_plain(v, arrays) for k, v in content}
    items = [read_plain(item, arrays) for item in content]
    if kind == "$deque":
        return deque(items, value["maxlen"])
    return {"$tuple": tuple, "$set": set, "$frozenset": frozenset}[kind](items)


def same_plain(one: Any, other: Any) -> bool:
    """Whether two values that can be written are equal, arrays by their contents."""
    ones: list[np.ndarray] = []
    others: list[np.ndarray] = []
    # As text, because 1 == True and nan != nan.
    if repr(write_plain(one, ones)) != repr(write_plain(other, others)):
        return False
    return all(
        a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
        for a, b in zip(ones, others, strict=True)
    )
