"""What Keras makes of a layer on given dtypes, said and when it runs, held against the rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from modelforge.build import objects
from modelforge.build.compile import precision
from modelforge.findings import Refused
from modelforge.graph.dtypes.call import UNKNOWN, Told
from modelforge.graph.dtypes.evaluate import evaluate
from modelforge.graph.dtypes.policy import Precision
from modelforge.graph.shapes.known import Clash
from tests.graph.shapes.against_keras import MERGING, Case

FLOATS = ("float32", "float64", "float16", "bfloat16")
DTYPES = (*FLOATS, "uint8", "int8", "uint32", "int32", "int64", "bool", "string")
POLICIES = ("float32", "mixed_bfloat16", "mixed_float16", "float64", "bfloat16")


@dataclass(frozen=True)
class Typed:
    """A layer, the dtypes that it is called on, and the policy under which it is made."""

    case: Case
    dtypes: tuple[str, ...]
    policy: str = "float32"

    def __str__(self) -> str:
        arguments = dict(self.case.arguments)
        return f"{self.case.word} {arguments} {self.case.shapes} of {self.dtypes}, {self.policy}"


def ours(wanted: Typed) -> Told | Clash:
    """What the rules say."""
    names = _by_argument(wanted.case, [f"input{n}" for n in range(len(wanted.dtypes))])
    inputs = _by_argument(wanted.case, wanted.dtypes)
    try:
        return evaluate(wanted.case.object, inputs, names, Precision(wanted.policy))
    except Clash as clash:
        return clash


def _by_argument(case: Case, each: Sequence[str]) -> dict[str, tuple[str, ...]]:
    if len(case.names) == 1:
        return {case.names[0]: tuple(each)}
    return {name: (it,) for name, it in zip(case.names, each, strict=True)}


def said(wanted: Typed) -> tuple[str, ...] | str:
    """The dtypes of the tensors that Keras makes, or what it refuses with."""
    pairs = zip(wanted.case.shapes, wanted.dtypes, strict=True)
    return _result(wanted, lambda made: _call(made, wanted.case, [_symbol(*it) for it in pairs]))


def given(wanted: Typed, *, run: bool) -> tuple[str, ...] | str:
    """The dtypes in the graph that a running model is; or what it fails with.

    run: whether the graph is also run, which is slow: that texts cannot be cast is seen only then.
    """
    pairs = zip(wanted.case.shapes, wanted.dtypes, strict=True)
    tensors = [values(tuple(size or 3 for size in shape), dtype) for shape, dtype in pairs]

    def traced(made: Any) -> Any:
        _call(made, wanted.case, [_symbol(tuple(it.shape[1:]), it.dtype.name) for it in tensors])
        function = tf.function(lambda *each: _call(made, wanted.case, list(each)))
        concrete = function.get_concrete_function(*tensors)
        return concrete(*tensors) if run else concrete.structured_outputs

    return _result(wanted, traced)


def _symbol(shape: tuple[int | None, ...], dtype: str) -> Any:
    return keras.Input(shape, dtype=dtype)


def values(shape: tuple[int, ...], dtype: str) -> Any:
    """A batch of two, of values that every layer takes."""
    if dtype == "string":
        return tf.constant(np.full((2, *shape), "a", dtype=object))
    return tf.cast(tf.ones((2, *shape)), dtype)


def _result(wanted: Typed, made_of: Callable[[Any], Any]) -> tuple[str, ...] | str:
    with precision(wanted.policy):
        try:
            made = objects.make(wanted.case.object)
        except Refused as refused:
            return f"constructor: {refused}"
        try:
            result = made_of(made)
        except Exception as error:  # whatever Keras's and TensorFlow's own code happens to raise
            return f"{type(error).__name__}: {error}"
    tensors = keras.tree.flatten(result)
    return tuple(keras.backend.standardize_dtype(tensor.dtype) for tensor in tensors)


def _call(made: Any, case: Case, tensors: list[Any]) -> Any:
    if len(case.names) > 1:
        return made(**dict(zip(case.names, tensors, strict=True)), **case.options)
    alone = len(tensors) == 1 and case.word not in MERGING
    return made(tensors[0] if alone else tensors, **case.options)


def disagreement(wanted: Typed, *, traced: bool = True) -> str:
    """What differs between the rule and Keras, an empty string for nothing.

    traced: whether to look at the running model as well; only so can a refusal be told.
    """
    found = ours(wanted)
    if isinstance(found, Clash):
        if not traced or isinstance(said(wanted), str):
            return ""
        result = given(wanted, run=True)
        return "" if isinstance(result, str) else f"{wanted}: {found.message}; but Keras: {result}"
    results = [said(wanted), *([given(wanted, run=False)] if traced else [])]
    for result in results:
        if isinstance(result, str) or found in UNKNOWN:
            continue
        each = (found,) * len(result) if isinstance(found, str) else found
        if any(a != b for a, b in zip(each, result, strict=True) if a not in UNKNOWN):
            return f"{wanted}: {found}, but Keras: {results}"
    return ""
