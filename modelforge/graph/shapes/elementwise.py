"""Layers that leave the shape as it is: activations, dropout, noise, masks."""

from __future__ import annotations

from math import prod

from modelforge.graph.shapes.arguments import Arguments, as_integer
from modelforge.graph.shapes.known import Clash, Result, Unknown, one, rank


def unchanged(arguments: Arguments) -> Result:
    """Any shape, which stays."""
    return one(arguments.input)


def prelu(arguments: Arguments) -> Result:
    """`PReLU`: a slope for each value, but one for all along shared axes."""
    shape, written = arguments.input, arguments.value("shared_axes")
    sizes = list(shape[1:])
    items = () if written is None else written if isinstance(written, tuple) else (written,)
    for axis in [as_integer(item) for item in items]:
        if axis < 1:
            raise Unknown
        if axis > len(sizes):
            raise Clash(f"`shared_axes` says {axis}, but the input has {len(shape)} axes")
        sizes[axis - 1] = 1
    known = [size for size in sizes if size is not None]
    if len(known) != len(sizes):
        raise Clash(
            "an axis of the input is open, but there is a slope for each value",
            "`shared_axes` lists the axes that share their slopes",
        )
    return one(shape, prod(known))


def spatial_dropout(arguments: Arguments, dimensions: int) -> Result:
    """`SpatialDropout1D` to `SpatialDropout3D`."""
    rank(arguments.input, dimensions + 2, "with the batch and the channels")
    return one(arguments.input)
