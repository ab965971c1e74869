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


def hashing_running(arguments: Arguments) -> Result:
    """The same when it runs: where each number is one-hot, they get an axis."""
    shape = arguments.input
    if arguments.text("output_mode") == "one_hot" and shape[-1] != 1:
        return one((*shape, arguments.positive("num_bins")))
    return hashing(arguments)


def looked_up(arguments: Arguments) -> Result:
    """`IntegerLookup`, `StringLookup`: as long as they give numbers."""
    if arguments.text("output_mode") != "int":
        raise Unknown
    return one(arguments.input)


def discretized(arguments: Arguments) -> Result:
    """`Discretization`: the number of a range, or an axis of them."""
    shape, mode = arguments.input, arguments.text("output_mode")
    if mode == "int":
        return one(shape)
    written = arguments.value("bin_boundaries")
    depth = len(written) + 1 if isinstance(written, tuple) else arguments.positive("num_bins")
    if mode != "one_hot":  # Keras's spec leaves out the axis behind the batch
        return one((*shape[:1], *shape[2:], depth) if len(shape) > 1 else (depth,))
    return one((*shape[:-1], depth) if shape[-1] == 1 and len(shape) > 1 else (*shape, depth))


def discretized_running(arguments: Arguments) -> Result:
    """The same when it runs: counted are the ranges along the last axis."""
    found = discretized(arguments)
    if arguments.text("output_mode") in ("multi_hot", "count"):
        return one((*arguments.input[:-1], found.shape[-1]))
    return found


def crossed(arguments: Arguments) -> Result:
    """`HashedCrossing`: a category of two."""
    shapes, mode = arguments.all_inputs, arguments.text("output_mode")
    if len(shapes) != 2 or shapes[0] != shapes[1] or len(shapes[0]) != 2 or shapes[0][-1] != 1:
        raise Unknown
    if mode == "int":
        return one(shapes[0])
    return one((*shapes[0][:-1], arguments.positive("num_bins")))


def vectorized(arguments: Arguments) -> Result:
    """`TextVectorization`, as long as it gives numbers."""
    shape, length = arguments.input, arguments.value("output_sequence_length")
    if arguments.text("output_mode") != "int" or len(shape) != 2 or arguments.flag("ragged"):
        raise Unknown
    return one((shape[0], None if length is None else arguments.positive("output_sequence_length")))


def _encoded(arguments: Arguments, size: int) -> Shape:
    shape, mode = arguments.input, arguments.text("output_mode")
    if mode not in ("one_hot", "multi_hot", "count"):
        raise Unknown
    if mode == "one_hot" and (shape[-1] != 1 or len(shape) == 1):
        return (*shape, size)
    return (*shape[:-1], size)
