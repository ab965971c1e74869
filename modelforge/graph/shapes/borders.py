"""More or less at the borders, and every value several times: padding, cropping, upsampling."""

from __future__ import annotations

from typing import TypeAlias

from modelforge.graph.shapes.arguments import Arguments, as_sizes
from modelforge.graph.shapes.convolutions import AXES, spatial_of, with_channels
from modelforge.graph.shapes.known import Clash, Result, Shape, Unknown, one, rank, sizes_text

Pairs: TypeAlias = "tuple[tuple[int, int], ...]"


def padding(arguments: Arguments, dimensions: int) -> Result:
    """`ZeroPadding1D` to `ZeroPadding3D`."""
    last = arguments.channels_last()
    pairs = _pairs(arguments, "padding", dimensions)
    shape = _input(arguments, dimensions, last)
    spatial = tuple(
        None if size is None else size + sum(pair)
        for size, pair in zip(spatial_of(shape, last), pairs, strict=True)
    )
    return one(with_channels(shape, spatial, shape[-1 if last else 1], last))


def cropping(arguments: Arguments, dimensions: int) -> Result:
    """`Cropping1D` to `Cropping3D`."""
    last = dimensions == 1 or arguments.channels_last()
    pairs = _pairs(arguments, "cropping", dimensions)
    shape = _input(arguments, dimensions, last)
    sizes = spatial_of(shape, last)
    for size, pair in zip(sizes, pairs, strict=True):
        if size is not None and sum(pair) >= size:
            cut = sizes_text(tuple(sum(pair) for pair in pairs))
            raise Clash(f"nothing is left of {sizes_text(sizes)} when {cut} is cropped")
    spatial = tuple(
        None if size is None else size - sum(pair) for size, pair in zip(sizes, pairs, strict=True)
    )
    return one(with_channels(shape, spatial, shape[-1 if last else 1], last))


def upsampling(arguments: Arguments, dimensions: int) -> Result:
    """`UpSampling1D` to `UpSampling3D`."""
    last = dimensions == 1 or arguments.channels_last()
    if dimensions == 1:
        factors: tuple[int, ...] = (arguments.positive("size"),)
    else:
        factors = arguments.sizes("size", dimensions)
    shape = _input(arguments, dimensions, last)
    spatial = tuple(
        None if size is None else size * factor
        for size, factor in zip(spatial_of(shape, last), factors, strict=True)
    )
    return one(with_channels(shape, spatial, shape[-1 if last else 1], last))


def _input(arguments: Arguments, dimensions: int, last: bool) -> Shape:
    axes = AXES[dimensions - 1]
    form = f"(batch, {axes}, channels)" if last else f"(batch, channels, {axes})"
    rank(arguments.input, dimensions + 2, form)
    return arguments.input


def _pairs(arguments: Arguments, name: str, dimensions: int) -> Pairs:
    """Before and after, for each dimension; a number stands for both, and for all dimensions."""
    value = arguments.value(name)
    if dimensions == 1:
        before, after = as_sizes(value, 2, least=0)
        return ((before, after),)
    items = value if isinstance(value, tuple) else (value,) * dimensions
    if len(items) != dimensions:
        raise Unknown
    found = [as_sizes(item, 2, least=0) for item in items]
    return tuple((pair[0], pair[1]) for pair in found)
