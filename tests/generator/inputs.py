"""Inputs of a model, and the tower that makes a vector of each, whatever it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from modelforge.graph.shapes.known import Shape
from tests.generator.context import Context
from tests.generator.draw import Draw
from tests.generator.grow import Grower
from tests.generator.pieces import Layer, Piece, follow
from tests.generator.vocabulary import ENCODERS, UNITS

KINDS = {
    "float32": 6.0, "ranges": 0.5, "int32": 1.0, "string": 1.0, "text": 0.7, "sound": 0.4,
    "channels": 0.4, "crossing": 0.4,
}  # fmt: skip
SIZES: dict[str, tuple[tuple[Any, ...], ...]] = {
    "float32": (
        (6,), (9,), (5, 4), (None, 3), (8, 8, 3), (6, 7, 2), (4, 4, 4, 2), (4, 4, 4, 3),
        (2, 4, 4, 4, 1), (9, 9, 3),
    ),
    "ranges": ((4,), (3, 2)),
    "int32": ((5,), (7,)),
    "string": ((3,),),
    "text": ((1,),),
    "sound": ((400,),),
    "channels": ((64, 2),),
    "crossing": ((1,),),
}  # fmt: skip
DTYPES = {"int32": "int32", "string": "string", "text": "string", "crossing": "int32"}


@dataclass
class Tower:
    """inputs: as they are declared; pieces: the last of them is called `end`, a vector."""

    kind: str
    inputs: dict[str, dict[str, Any]]
    pieces: list[Piece] = field(default_factory=list)
    end: str = ""


def tower(draw: Draw, grower: Grower, context: Context, fixed: bool, axes: int = 5) -> Tower:
    """An input of at most so many axes, or two that are crossed, and what stands on them.

    fixed: no axis of open size. With some sizes, branches could not be merged.
    """
    kind = draw.weighted(KINDS)
    draw.note(f"input {kind}")
    fits = [it for it in SIZES[kind] if len(it) <= axes and not (fixed and None in it)]
    sizes = draw.one(fits)
    declared: dict[str, Any] = {"shape": [*sizes]}
    if kind in DTYPES or draw.chance(0.2):
        declared["dtype"] = DTYPES.get(kind, "float32")
    count = 2 if kind == "crossing" else 1
    names = [draw.fresh("in") for _ in range(count)]
    pieces, after = _first(draw, grower, context, kind, (None, *sizes))
    pieces[0].beside["from"] = names if count > 1 else names[0]
    made = Tower(kind, {name: dict(declared) for name in names})
    more = grower.pieces(context, after, draw.whole(1, 4))
    end = follow(more, context, after)
    assert end is not None
    made.end = draw.fresh("tower")
    made.pieces = [
        *pieces, *more, *flat(draw, context, end), Layer("Dense", {"units": draw.one(UNITS)}),
        Layer("Identity", {}, {"name": made.end}),
    ]  # fmt: skip
    return made


def _first(
    draw: Draw, grower: Grower, context: Context, kind: str, shape: Shape
) -> tuple[list[Layer], Shape]:
    """Layers that make numbers of an input, and their shape."""
    if kind == "float32":
        return [Layer("Activation", {"activation": ["linear", "activation", {}]})], shape
    word = draw.one(sorted(ENCODERS[kind]))
    draw.note(f"layer {word}")
    found = [grower.layer(word, ENCODERS[kind][word], context, shape)]
    arguments = context.meant(word, found[0].arguments)
    after = follow(found, context, shape)
    if kind == "crossing":
        after = (None, arguments["num_bins"])
    assert after is not None, (word, arguments)
    if kind == "text" and arguments["output_mode"] == "int":
        units = draw.one(UNITS)
        found.append(Layer("Embedding", {"input_dim": 10, "output_dim": units}))
        return found, (*after, units)
    if kind == "text":
        found.append(Layer("Flatten"))  # Keras believes in an axis more, which is not there
    if kind not in ("sound", "channels"):
        # Categories are integers; many layers pass them on, and a few fail with them.
        found.append(Layer("ops.cast", {"dtype": "float32"}))
    return found, after


def flat(draw: Draw, context: Context, shape: Shape) -> list[Piece]:
    """Layers that leave one axis of known size."""
    found: list[Piece] = []
    while len(shape) > 2:
        rank = len(shape) - 2
        pooled = [f"Global{what}Pooling{rank}D" for what in ("Max", "Average")]
        known = all(size is not None for size in shape[1:])
        if rank > 3 or (known and draw.chance(0.5)):
            found.append(Layer("Flatten"))
        else:
            found.append(Layer(draw.one(pooled)))
        after = follow(found[-1:], context, shape)
        assert after is not None, (found[-1], shape)
        shape = after
    return found
