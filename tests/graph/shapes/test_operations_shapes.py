"""Functions of keras.ops: what is told of their shapes is what Keras's own specs say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import keras
import pytest

from modelforge.build.objects import make
from modelforge.catalog import Catalog
from modelforge.graph.shapes.evaluate import evaluate
from modelforge.graph.shapes.known import Clash, Shape, Unknown
from modelforge.graph.shapes.operations import BINARY, REDUCTIONS, RULES, UNARY
from modelforge.spec import Object
from tests.graph.shapes.against_keras import SPAN, frozen

SHAPES: tuple[Shape, ...] = (
    *((None, 6), (None, 4, 6), (None, None, 6), (None, 1, 4), (None, 4, 1)),
    *((), (4,), (6, 4), (1, 1), (None, 2, 3, 4)),
)
AXES = (None, 0, 1, 2, -1, -3, 5)
Inputs = Mapping[str, tuple[Shape, ...]]
Case = tuple[str, dict[str, Any], Inputs]


def _single() -> Iterator[Case]:
    for shape in SHAPES:
        for name in UNARY:
            argument = {"cast": {"dtype": "float16"}, "clip": {"x_min": 0.0, "x_max": 1.0}}
            tensor = "variable" if name == "stop_gradient" else "x"
            yield name, argument.get(name, {}), {tensor: (shape,)}


def _axes() -> Iterator[Case]:
    for shape in SHAPES:
        given = {"x": (shape,)}
        for axis in AXES:
            for name in ("softmax", "log_softmax", "flip"):
                if axis is not None or name == "flip":
                    yield name, {"axis": axis}, given
            for name, kept in product(REDUCTIONS, (False, True)):
                yield name, {"axis": axis, "keepdims": kept}, given
            yield "squeeze", {"axis": axis}, given
            yield "repeat", {"repeats": 3, "axis": axis}, given
            if axis is not None:
                yield "expand_dims", {"axis": axis}, given
                for count in (1, 2, 3, 5):
                    yield "split", {"indices_or_sections": count, "axis": axis}, given
                for other in (0, -1, 7):
                    yield "swapaxes", {"axis1": axis, "axis2": other}, given


def _targets() -> Iterator[Case]:
    for shape in SHAPES:
        given = {"x": (shape,)}
        for axes in (None, [0, 1], [1, 0], [0, 2, 1], [0, 1, 1], [-1, 0, 1], [3, 2, 1, 0]):
            yield "transpose", {"axes": axes}, given
        for target in ([-1], [24], [-1, 2], [-1, 3, 2], [2, 2], [-1, 5], [0, 3], [4, 1, -1, 1]):
            yield "reshape", {"newshape": target}, given
        for times in (2, [2], [1, 2, 3], [1, 1, 1, 1, 2]):
            yield "tile", {"repeats": times}, given
        for axes in ([0, 1], [1, -1], [1, 1]):
            yield "mean", {"axis": axes}, given


def _several() -> Iterator[Case]:
    for first, second in product(SHAPES, SHAPES):
        pair = {"x1": (first,), "x2": (second,)}
        yield from ((name, {}, pair) for name in ("add", "logical_and", "power", "matmul"))
        yield "where", {}, {"condition": (first,), **pair}
        for axis in (0, 1, -1, 3):
            yield "concatenate", {"axis": axis}, {"xs": (first, second)}
            yield "stack", {"axis": axis}, {"x": (first, second, first)}
    for name, shape in product(BINARY, ((None, 6), (None, 4, 1), (4,))):
        yield name, {}, {"x1": (shape,), "x2": ((None, 6),)}
        if not name.startswith("logical"):
            yield name, {"x2": 2.0}, {"x1": (shape,)}
            yield name, {"x1": [1.0] * 6}, {"x2": (shape,)}


def keras_says(wanted: Object, inputs: Inputs) -> tuple[Shape, ...] | str:
    tensors: dict[str, Any] = {}
    for name, shapes in inputs.items():
        several = [keras.KerasTensor(shape) for shape in shapes]
        tensors[name] = several if name == "xs" or len(several) > 1 else several[0]
    try:
        made = make(wanted).result(tensors)
    except Exception as error:  # whatever Keras's own code happens to raise
        return f"{type(error).__name__}: {error}"
    return tuple(tuple(tensor.shape) for tensor in keras.tree.flatten(made))


def disagreement(case: Case) -> str:
    name, arguments, inputs = case
    values = {key: frozen(value) for key, value in arguments.items()}
    wanted = Object("operation", f"ops.{name}", values, SPAN)
    told = keras_says(wanted, inputs)
    try:
        found = evaluate(wanted, inputs, {}).shapes
    except Unknown:
        return ""
    except Clash as clash:
        return "" if isinstance(told, str) else f"{case}: {clash.message}; but Keras: {told}"
    # What Keras refuses later, or for another reason, may have a shape.
    return "" if isinstance(told, str) or found == told else f"{case}: {found}; but Keras: {told}"


@pytest.mark.parametrize("cases", [_single, _axes, _targets, _several])
def test_the_grid_agrees_with_keras(cases: Any) -> None:
    found = [text for case in cases() if (text := disagreement(case))]
    assert not found, f"{len(found)}:\n" + "\n".join(found[:8])


KNOWN: list[Case] = [
    ("reshape", {"newshape": [-1, 3, 2]}, {"x": ((None, 6),)}),
    ("mean", {"axis": 1}, {"x": ((None, 4, 6),)}),
    ("split", {"indices_or_sections": 2, "axis": -1}, {"x": ((None, 6),)}),
    ("matmul", {}, {"x1": ((None, 4, 6),), "x2": ((None, 6, 2),)}),
    ("multiply", {"x2": 0.5}, {"x1": ((None, 6),)}),
    ("transpose", {"axes": [0, 2, 1]}, {"x": ((None, 4, 6),)}),
]


@pytest.mark.parametrize("case", KNOWN, ids=lambda case: case[0])
def test_what_specs_use_is_known(case: Case) -> None:
    name, arguments, inputs = case
    values = {key: frozen(value) for key, value in arguments.items()}
    wanted = Object("operation", f"ops.{name}", values, SPAN)
    assert evaluate(wanted, inputs, {}).shapes == keras_says(wanted, inputs)


def test_every_rule_speaks_of_a_function(catalog: Catalog) -> None:
    words = catalog.words("operation")
    assert not RULES.keys() - words.keys()
    assert not {name for name in RULES if words[name].refused}
