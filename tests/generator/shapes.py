"""What a candidate makes of a shape: by ModelForge's rules, which Keras is then asked about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from modelforge.findings import Source, Span
from modelforge.graph.shapes.evaluate import evaluate
from modelforge.graph.shapes.known import Clash, Shape, Unknown
from modelforge.spec import Object
from tests.generator.objects import is_object
from tests.generator.operations import JOINING, MERGING, OPERATIONS, after

NOWHERE = Span(Source("generator", ""), 1, 1, 1, 1)
MOST = 40_000  # values or parameters of a layer: what is built two thousand times must be small

# Layers that no rule speaks for yet, and what they make of a shape.
WITHOUT_RULE: dict[str, Callable[[Shape, dict[str, Any]], Shape]] = {
    "Discretization": lambda shape, arguments: shape,
    "IntegerLookup": lambda shape, arguments: (*shape[:-1], len(arguments["vocabulary"]) + 1),
    "ReversibleEmbedding": lambda shape, arguments: (*shape, arguments["output_dim"]),
    "Scaled": lambda shape, arguments: shape,
    "StringLookup": lambda shape, arguments: (*shape[:-1], len(arguments["vocabulary"]) + 1),
    "TextVectorization": lambda shape, arguments: (shape[0], len(arguments["vocabulary"]) + 1),
}


def result(word: str, arguments: dict[str, Any], shapes: Sequence[Shape]) -> Shape | None:
    """The shape of the only output; None where it clashes, is unknown or grows too large."""
    if word in MERGING and len(shapes) == 2:
        return shapes[0] if shapes[0] == shapes[1] else None
    if word == "ops.cast":
        return shapes[0]
    if word in JOINING:
        return _joined(word, shapes)
    if word in OPERATIONS:
        return after(word, arguments, shapes[0])
    if word in WITHOUT_RULE and arguments.get("output_mode", "") != "int":
        return WITHOUT_RULE[word](shapes[0], arguments)
    try:
        layer = as_object(word, arguments)
        found = evaluate(layer, {"": tuple(shapes)}, {})
        shape = found.shape
        if evaluate(layer, {"": tuple(shapes)}, {}, running=True).shape != shape:
            return None  # what comes behind it would be made for a shape that it never gets
    except (Clash, Unknown):
        return None
    if shape[-1] is None:  # weights are made for it, sooner or later
        return None
    size = 1
    for axis in shape[1:]:
        if axis == 0:
            return None
        size *= axis or 8
    weights = (found.trainable or 0) + (found.frozen or 0)
    return shape if size <= MOST and weights <= MOST else None


def _joined(word: str, shapes: Sequence[Shape]) -> Shape | None:
    """Lists of tensors along the last axis, or along one behind it."""
    first = shapes[0]
    if word == "ops.stack":
        return (*first, len(shapes)) if all(shape == first for shape in shapes) else None
    sizes = [shape[-1] or 0 for shape in shapes]
    fits = all(shape[:-1] == first[:-1] for shape in shapes) and all(sizes)
    return (*first[:-1], sum(sizes)) if fits else None


def as_object(word: str, arguments: dict[str, Any]) -> Object:
    """The object as the reader makes it."""
    return Object("layer", word, {key: frozen(item) for key, item in arguments.items()}, NOWHERE)


def frozen(value: Any) -> Any:
    """Lists as tuples, objects as objects."""
    if is_object(value):
        name, kind, arguments = value
        return Object(kind, name, {k: frozen(v) for k, v in arguments.items()}, NOWHERE)
    if isinstance(value, list):
        return tuple(frozen(item) for item in value)
    return value
