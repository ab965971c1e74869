"""Numbers and texts become categories."""

from __future__ import annotations

from modelforge.graph.shapes.arguments import Arguments
from modelforge.graph.shapes.known import Result, Shape, Unknown, one


def category_encoding(arguments: Arguments) -> Result:
    """`CategoryEncoding`."""
    return one(_encoded(arguments, arguments.positive("num_tokens")))


def hashing(arguments: Arguments) -> Result:
    """`Hashing`: a number below `num_bins`, or one axis of so many."""
    shape = arguments.input
    if arguments.text("output_mode") == "int":
        return one(shape)
    return one((*shape[:-1], arguments.positive("num_bins")))


def looked_up(arguments: Arguments) -> Result:
    """`IntegerLookup`, `StringLookup`: as long as they give numbers."""
    if arguments.text("output_mode") != "int":
        raise Unknown
    return one(arguments.input)


def _encoded(arguments: Arguments, size: int) -> Shape:
    shape, mode = arguments.input, arguments.text("output_mode")
    if mode not in ("one_hot", "multi_hot", "count"):
        raise Unknown
    if mode == "one_hot" and (shape[-1] != 1 or len(shape) == 1):
        return (*shape, size)
    return (*shape[:-1], size)
