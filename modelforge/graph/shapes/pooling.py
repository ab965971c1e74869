"""Pooling: windows that move, pooling over everything, pooling to a given size."""

from __future__ import annotations

from modelforge.graph.shapes.arguments import Arguments
from modelforge.graph.shapes.convolutions import AXES, spatial_of, windows, with_channels
from modelforge.graph.shapes.known import Result, Unknown, one, rank


def pool(arguments: Arguments, dimensions: int) -> Result:
    """`MaxPooling1D` to `AveragePooling3D`."""
    window = arguments.sizes("pool_size", dimensions)
    strides = window
    if arguments.value("strides") is not None:
        strides = arguments.sizes("strides", dimensions)
    padding, last = arguments.text("padding"), arguments.channels_last()
    if padding not in ("valid", "same"):
        raise Unknown
    shape = arguments.input
    rank(shape, dimensions + 2, _form(dimensions, last))
    spatial = windows(spatial_of(shape, last), window, strides, padding == "same", "window")
    return one(with_channels(shape, spatial, shape[-1 if last else 1], last))


def pool_all(arguments: Arguments, dimensions: int) -> Result:
    """`GlobalMaxPooling1D` to `GlobalAveragePooling3D`."""
    shape, last = arguments.input, arguments.channels_last()
    rank(shape, dimensions + 2, _form(dimensions, last))
    kept = (1,) * dimensions if arguments.flag("keepdims") else ()
    return one(with_channels(shape, kept, shape[-1 if last else 1], last))


def pool_to(arguments: Arguments, dimensions: int) -> Result:
    """`AdaptiveMaxPooling1D` to `AdaptiveAveragePooling3D`."""
    sizes = arguments.sizes("output_size", dimensions)
    shape, last = arguments.input, arguments.channels_last()
    if len(shape) != dimensions + 2:
        raise Unknown  # Keras looks at it only when the model runs
    return one(with_channels(shape, sizes, shape[-1 if last else 1], last))


def _form(dimensions: int, last: bool) -> str:
    axes = AXES[dimensions - 1]
    return f"(batch, {axes}, channels)" if last else f"(batch, channels, {axes})"
