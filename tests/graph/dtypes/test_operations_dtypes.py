"""Functions of keras.ops on every dtype, and on two: what is told is what Keras says and gives."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from modelforge.build.objects import make
from modelforge.catalog import Catalog, Word, load_catalog
from modelforge.graph.dtypes.call import UNKNOWN, Told
from modelforge.graph.dtypes.evaluate import evaluate
from modelforge.graph.dtypes.operations import RULES
from modelforge.graph.dtypes.policy import Precision
from modelforge.graph.shapes.known import Clash
from modelforge.spec import Object
from tests.conformance.operations import BATCH, Case, case_of
from tests.graph.dtypes.against_keras import DTYPES
from tests.graph.shapes.against_keras import SPAN, frozen

SEVERAL = ("float32", "float16", "int32", "int64", "bool", "string")
WHOLE = ("ops.gcd", "ops.lcm", "ops.left_shift", "ops.right_shift")
Typed = dict[str, tuple[str, ...]]


def typed(case: Case) -> Iterator[Typed]:
    """Every dtype for all tensors, and each two of the usual ones where there are two tensors."""
    counts = {name: len(it) if isinstance(it, list) else 1 for name, it in case.inputs.items()}
    for dtype in DTYPES:
        yield {name: (dtype,) * count for name, count in counts.items()}
    if sum(counts.values()) == 2:
        for first, second in product(SEVERAL, repeat=2):
            each = iter((first, second))
            yield {name: tuple(next(each) for _ in range(n)) for name, n in counts.items()}


def ours(wanted: Object, dtypes: Typed) -> Told | Clash:
    names = {name: tuple(f"{name}{n}" for n in range(len(it))) for name, it in dtypes.items()}
    try:
        return evaluate(wanted, dtypes, names, Precision())
    except Clash as clash:
        return clash


def _tensors(case: Case, dtypes: Typed, make_one: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, shapes in case.inputs.items():
        if isinstance(shapes, list):
            pairs = zip(shapes, dtypes[name], strict=True)
            found[name] = [make_one((BATCH, *shape), dtype) for (shape, _), dtype in pairs]
        else:
            found[name] = make_one((BATCH, *shapes[0]), dtypes[name][0])
    return found


def _symbol(shape: tuple[int, ...], dtype: str) -> Any:
    return keras.KerasTensor((None, *shape[1:]), dtype=dtype)


def _value(shape: tuple[int, ...], dtype: str) -> Any:
    if dtype == "string":
        return tf.constant(np.full(shape, "a", dtype=object))
    return tf.cast(tf.ones(shape), dtype)


def _result(wanted: Object, tensors: dict[str, Any]) -> tuple[str, ...] | str:
    try:
        made = make(wanted).result(tensors)
    except Exception as error:  # whatever Keras's and TensorFlow's own code happens to raise
        return f"{type(error).__name__}: {error}"
    flat = keras.tree.flatten(made)
    return tuple(keras.backend.standardize_dtype(tensor.dtype) for tensor in flat)


def disagreement(wanted: Object, case: Case, dtypes: Typed) -> str:
    found = ours(wanted, dtypes)
    results = [_result(wanted, _tensors(case, dtypes, each)) for each in (_symbol, _value)]
    if isinstance(found, Clash):
        refused = any(isinstance(it, str) for it in results)
        return "" if refused else f"{wanted.name} {dtypes}: {found.message}; but Keras: {results}"
    for result in results:
        if isinstance(result, str) or found in UNKNOWN:
            continue
        each = (found,) * len(result) if isinstance(found, str) else found
        if any(a != b for a, b in zip(each, result, strict=True) if a not in UNKNOWN):
            return f"{wanted.name} {dtypes}: {found}, but Keras: {results}"
    return ""


def _object(name: str, case: Case) -> Object:
    arguments = {key: frozen(value) for key, value in case.arguments.items()}
    return Object("operation", name, arguments, SPAN)


def with_numbers(word: Word) -> Iterator[tuple[Case, Typed]]:
    """One of the first two tensors written, as a number or a list of them."""
    base = case_of(word)
    pairs = [(*word.calls[:2],), (*reversed(word.calls[:2]),)]
    for tensor, other in pairs if len(word.calls) > 1 and not word.merges else []:
        if not {*word.needed_tensors} <= {tensor, other}:
            continue
        for value in (2, 0.5, True, [1, 2, 3, 4], [1.0, 2.0, 3.0, 4.0]):
            kept = {name: it for name, it in base.arguments.items() if name != tensor}
            for dtype in DTYPES:
                case = Case({tensor: ((4,), dtype)}, {**kept, other: value})
                yield case, {tensor: (dtype,)}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(RULES))
def test_what_is_told_is_what_keras_says_and_gives(name: str) -> None:
    case = case_of(load_catalog().words("operation")[name])
    wanted = _object(name, case)
    found = [disagreement(wanted, case, it) for it in typed(case)]
    for written, dtypes in with_numbers(load_catalog().words("operation")[name]):
        found.append(disagreement(_object(name, written), written, dtypes))
    found = [text for text in found if text]
    assert not found, f"{len(found)}:\n" + "\n".join(found[:5])


@pytest.mark.parametrize("name", sorted(RULES))
def test_floats_are_known(name: str) -> None:
    case = case_of(load_catalog().words("operation")[name])
    wanted = _object(name, case)
    dtype = "int32" if "bitwise" in name or name in WHOLE else "float32"
    counts = {key: len(it) if isinstance(it, list) else 1 for key, it in case.inputs.items()}
    dtypes = {key: (dtype,) * count for key, count in counts.items()}
    told = ours(wanted, dtypes)
    assert told not in UNKNOWN and not isinstance(told, Clash), told
    said = _result(wanted, _tensors(case, dtypes, _symbol))
    assert not isinstance(said, str), said
    assert ((told,) * len(said) if isinstance(told, str) else told) == said


WRITTEN: list[tuple[str, dict[str, Any], str, str]] = [
    ("multiply", {"x2": 2}, "float16", "float16"),
    ("multiply", {"x2": 0.5}, "float16", "float16"),
    ("multiply", {"x2": 0.5}, "int8", "float32"),
    ("multiply", {"x2": 2}, "uint8", "uint8"),
    ("multiply", {"x2": [1, 2, 3, 4]}, "uint8", "int32"),
    ("multiply", {"x2": [1.0, 2.0, 3.0, 4.0]}, "float16", "float32"),
    ("divide", {"x2": 2}, "int64", "float32"),
    ("add", {"x2": 1}, "bool", "int32"),
    ("where", {"x1": 1, "x2": 0.5}, "bool", "float32"),
    ("where", {"x1": 1, "x2": 0}, "bool", "int32"),
    ("clip", {"x_min": 0, "x_max": 5}, "int32", "int32"),
    ("clip", {"x_min": 0.0, "x_max": 0.5}, "float16", "float16"),
    ("one_hot", {"num_classes": 4, "dtype": "int8"}, "int32", "int8"),
    ("zeros_like", {"dtype": "int8"}, "float32", "int8"),
    ("cast", {"dtype": "bool"}, "float32", "bool"),
    ("logical_and", {"x2": True}, "float32", "bool"),
    ("floor_divide", {"x2": 2}, "int32", "int32"),
    ("mod", {"x2": 3}, "int32", "int32"),
    ("sum", {"axis": 1}, "uint8", "uint32"),
]


@pytest.mark.parametrize(("name", "arguments", "dtype", "wanted"), WRITTEN)
def test_numbers_that_a_spec_writes(
    name: str, arguments: dict[str, Any], dtype: str, wanted: str
) -> None:
    found = _object(f"ops.{name}", Case({}, arguments))
    calls = load_catalog().words("operation")[found.name].calls
    (tensor,) = [it for it in calls if it not in arguments][:1]
    case = Case({tensor: ((4,), dtype)}, arguments)
    assert ours(found, {tensor: (dtype,)}) == wanted
    assert not disagreement(found, case, {tensor: (dtype,)})


def test_every_rule_speaks_of_a_function(catalog: Catalog) -> None:
    words = catalog.words("operation")
    assert not RULES.keys() - words.keys()
    assert not {name for name in RULES if words[name].refused}


@pytest.mark.parametrize(
    ("name", "arguments"), [("cast", {}), ("ones_like", {}), ("one_hot", {"num_classes": 3})]
)
def test_a_dtype_that_is_written_as_python_names_it(name: str, arguments: dict[str, Any]) -> None:
    wanted = Object("operation", f"ops.{name}", {**arguments, "dtype": "int"}, SPAN)
    keras_says = getattr(keras.ops, name)(_symbol((2, 4), "int32"), dtype="int", **arguments).dtype
    assert ours(wanted, {"x": ("int32",)}) == keras_says == "int64"
