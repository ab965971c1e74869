"""Pooling: windows that move, pooling over everything, pooling to a given size."""

from __future__ import annotations

from modelforge.graph.shapes.arguments import Arguments
from modelforge.graph.shapes.convolutions import AXES, spatial_of, windows, with_channels
from modelforge.graph.shapes.known import Clash, Result, Unknown, one, rank


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


def pool_to_running(arguments: Arguments, dimensions: int) -> Result:
    """The same when it runs: Keras 3.15.1 also pools by a window of one more than it needs.

    Of that it takes nothing where all windows are of one size, but it must fit into the input.
    """
    found = pool_to(arguments, dimensions)
    sizes = arguments.sizes("output_size", dimensions)
    given = spatial_of(arguments.input, arguments.channels_last())
    for size, wanted in zip(given, sizes, strict=True):
        if size is not None and -(-size // wanted) + 1 > size:
            raise Clash(
                "Keras 3.15.1 pools to a given size only where both sizes are at least 2, and not "
                f"{size} to {wanted}",
                "an axis of 1 has nothing to pool" if size == 1 else _instead(sizes, dimensions),
            )
    return found


def _instead(sizes: tuple[int, ...], dimensions: int) -> str:
    if set(sizes) != {1}:
        return "pool by a `pool_size` instead, or leave it out"
    return (
        f"`GlobalAveragePooling{dimensions}D` and `GlobalMaxPooling{dimensions}D` pool to 1; with "
        "`keepdims: true` the axes stay"
    )


def _form(dimensions: int, last: bool) -> str:
    axes = AXES[dimensions - 1]
    return f"(batch, {axes}, channels)" if last else f"(batch, channels, {axes})"
