"""What Keras makes of a layer on given shapes, held against what the rules say."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import keras

from modelforge.build import objects
from modelforge.findings import Refused, Source, Span
from modelforge.graph.shapes.evaluate import evaluate
from modelforge.graph.shapes.known import Clash, Result, Shape, Unknown
from modelforge.spec import Object, Value

SPAN = Span(Source("test", ""), 1, 1, 1, 1)
# Keras allocates what it builds; the rules do not. Larger cases are tested by number alone.
MOST = 2_000_000


@dataclass(frozen=True)
class Case:
    """A layer and what it is called on; shapes are without the batch axis."""

    word: str
    arguments: Mapping[str, Value]
    shapes: tuple[Shape, ...]
    names: tuple[str, ...] = ("",)
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def object(self) -> Object:
        return layer(self.word, self.arguments)

    @property
    def inputs(self) -> dict[str, tuple[Shape, ...]]:
        full = tuple((None, *shape) for shape in self.shapes)
        if len(self.names) == 1:
            return {self.names[0]: full}
        return {name: (shape,) for name, shape in zip(self.names, full, strict=True)}


def layer(word: str, arguments: Mapping[str, Value]) -> Object:
    return Object("layer", word, arguments, SPAN)


def case(word: str, *shapes: Shape, **arguments: Any) -> Case:
    return Case(word, {name: frozen(value) for name, value in arguments.items()}, shapes)


def frozen(value: Any) -> Value:
    """Lists as tuples, as a spec has them."""
    if isinstance(value, list | tuple):
        return tuple(frozen(item) for item in value)
    return value


def ours(wanted: Case) -> Result | Clash | None:
    """The result, the clash, or None for unknown."""
    try:
        return evaluate(wanted.object, wanted.inputs, wanted.options)
    except Clash as clash:
        return clash
    except Unknown:
        return None


def keras_says(wanted: Case) -> tuple[tuple[Shape, ...], int, int] | str:
    """Shapes, trained and other parameters; or what it refuses with.

    `constructor` stands before what the arguments alone are refused for.
    """
    try:
        made = objects.make(wanted.object)
    except Refused as refused:
        return f"constructor: {refused}"
    merges = len(wanted.names) == 1 and len(wanted.shapes) > 1
    alone = wanted.word in MERGING
    tensors = [keras.Input(shape) for shape in wanted.shapes]
    try:
        if len(wanted.names) > 1:
            output = made(**dict(zip(wanted.names, tensors, strict=True)), **wanted.options)
        else:
            output = made(tensors if merges or alone else tensors[0], **wanted.options)
    except Exception as error:  # whatever Keras's own code happens to raise
        return f"{type(error).__name__}: {error}"
    shapes = tuple(tuple(tensor.shape) for tensor in keras.tree.flatten(output))
    total = made.count_params()
    trained = sum(reduce(operator.mul, weight.shape, 1) for weight in made.trainable_weights)
    return shapes, trained, total - trained


MERGING = {
    "HashedCrossing",
    *("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract", "Concatenate", "Dot"),
    *("Attention", "AdditiveAttention"),
}


# Keras's own checks have gaps here: it leaves some shapes to fail, or to pass, by chance. The
# rules say that they do not know.
VAGUE = {"Concatenate", "Dot", "EinsumDense", "SpectralNormalization", "TimeDistributed"}
VAGUE |= {"HashedCrossing", "TextVectorization"}


def disagreement(wanted: Case, complete: bool = True) -> str:
    """What differs, an empty string for nothing.

    complete: the rule must know whatever Keras accepts, and find whatever it refuses the shapes
    for; else it may also say that it does not know.
    """
    found = ours(wanted)
    if isinstance(found, Result) and (found.trainable or 0) + (found.frozen or 0) > MOST:
        return ""
    told = keras_says(wanted)
    refused = isinstance(told, str)
    if refused and told.startswith("constructor"):
        return ""
    if found is None:
        excused = not complete or wanted.word in VAGUE
        return "" if excused else f"{wanted}: unknown, but Keras says {told}"
    if isinstance(found, Clash):
        return "" if refused else f"{wanted}: {found.message}; but Keras: {told}"
    if refused:
        return f"{wanted}: {found}, but Keras refuses: {told}" if complete else ""
    return "" if tuple(found) == told else f"{wanted}: {tuple(found)}, but Keras: {told}"
