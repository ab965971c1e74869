"""Convolutions: plain, depthwise and separable, in one to three dimensions."""

from __future__ import annotations

from math import prod

from modelforge.findings import counted
from modelforge.graph.shapes.arguments import Arguments
from modelforge.graph.shapes.known import (
    Clash,
    Result,
    Shape,
    Unknown,
    WrongRank,
    known_size,
    mend_rank,
    one,
    sizes_text,
)

AXES = ("length", "height, width", "depth, height, width")


def conv(arguments: Arguments, dimensions: int) -> Result:
    """`Conv1D`, `Conv2D`, `Conv3D`."""
    filters, groups = arguments.positive("filters"), arguments.positive("groups")
    kernel = arguments.sizes("kernel_size", dimensions)
    shape, last = arguments.input, arguments.channels_last()
    strides = arguments.sizes("strides", dimensions)
    dilation = arguments.sizes("dilation_rate", dimensions)
    if filters % groups or (max(strides) > 1 and max(dilation) > 1):
        raise Unknown  # refused for its arguments alone, whatever the shape
    channels = channels_of(shape, dimensions, last)
    if channels % groups:
        raise Clash(
            f"{counted(channels, 'channel')} cannot be divided among {counted(groups, 'group')}",
            "the input's channels and `filters` must both be multiples of `groups`",
        )
    output = slide(arguments, shape, kernel, filters)
    bias = filters if arguments.flag("use_bias") else 0
    return one(output, prod(kernel) * (channels // groups) * filters + bias)


def depthwise(arguments: Arguments, dimensions: int) -> Result:
    """`DepthwiseConv1D`, `DepthwiseConv2D`."""
    kernel = arguments.sizes("kernel_size", dimensions)
    shape = arguments.input
    channels = channels_of(shape, dimensions, arguments.channels_last())
    filters = arguments.positive("depth_multiplier") * channels
    output = slide(arguments, shape, kernel, filters)
    return one(output, prod(kernel) * filters + (filters if arguments.flag("use_bias") else 0))


def separable(arguments: Arguments, dimensions: int) -> Result:
    """`SeparableConv1D`, `SeparableConv2D`."""
    filters = arguments.positive("filters")
    kernel = arguments.sizes("kernel_size", dimensions)
    shape = arguments.input
    channels = channels_of(shape, dimensions, arguments.channels_last())
    between = arguments.positive("depth_multiplier") * channels
    output = slide(arguments, shape, kernel, filters)
    bias = filters if arguments.flag("use_bias") else 0
    return one(output, prod(kernel) * between + between * filters + bias)


def transposed(arguments: Arguments, dimensions: int) -> Result:
    """`Conv1DTranspose`, `Conv2DTranspose`, `Conv3DTranspose`."""
    filters = arguments.positive("filters")
    kernel = arguments.sizes("kernel_size", dimensions)
    strides = arguments.sizes("strides", dimensions)
    dilation = arguments.sizes("dilation_rate", dimensions)
    if max(strides) > 1 and max(dilation) > 1:
        raise Unknown
    extra: tuple[int | None, ...] = (None,) * dimensions
    if arguments.value("output_padding") is not None:
        extra = arguments.sizes("output_padding", dimensions, least=0)
    if any(e is not None and e >= s for e, s in zip(extra, strides, strict=True)):
        raise Unknown
    shape, last = arguments.input, arguments.channels_last()
    channels = channels_of(shape, dimensions, last)
    wide = [(size - 1) * rate + 1 for size, rate in zip(kernel, dilation, strict=True)]
    same = _is_same(arguments)
    spatial = tuple(
        None if size is None else _grown(size, width, stride, padding, same)
        for size, width, stride, padding in zip(
            spatial_of(shape, last), wide, strides, extra, strict=True
        )
    )
    bias = filters if arguments.flag("use_bias") else 0
    return one(
        with_channels(shape, spatial, filters, last), prod(kernel) * filters * channels + bias
    )


def channels_of(shape: Shape, dimensions: int, last: bool) -> int:
    """The number of channels of an input with so many dimensions; refuses others."""
    axes = AXES[dimensions - 1]
    form = f"(batch, {axes}, channels)" if last else f"(batch, channels, {axes})"
    if len(shape) < dimensions + 2:
        raise WrongRank(
            f"it takes {dimensions + 2} axes {form}, but the input has {len(shape)}",
            mend_rank(shape),
        )
    if len(shape) > dimensions + 2:
        raise Clash(
            f"it takes {dimensions + 2} axes {form}, but the input has {len(shape)}",
            mend_rank(shape),
        )
    return known_size(shape, -1 if last else 1, "the axis of the channels")


def spatial_of(shape: Shape, last: bool) -> Shape:
    """The sizes between the batch and the channels."""
    return shape[1:-1] if last else shape[2:]


def with_channels(shape: Shape, spatial: Shape, channels: int | None, last: bool) -> Shape:
    """A shape with the same batch axis, these sizes and so many channels."""
    return (shape[0], *spatial, channels) if last else (shape[0], channels, *spatial)


def slide(arguments: Arguments, shape: Shape, kernel: tuple[int, ...], filters: int) -> Shape:
    """The shape after a kernel has moved over the input."""
    strides = arguments.sizes("strides", len(kernel))
    dilation = arguments.sizes("dilation_rate", len(kernel))
    last = arguments.channels_last()
    wide = tuple((size - 1) * rate + 1 for size, rate in zip(kernel, dilation, strict=True))
    spatial = windows(spatial_of(shape, last), wide, strides, _is_same(arguments), "kernel")
    return with_channels(shape, spatial, filters, last)


def windows(
    sizes: Shape, window: tuple[int, ...], strides: tuple[int, ...], same: bool, what: str
) -> Shape:
    """How often a window fits, moved by the strides; refuses one that does not fit at all."""
    if not same and any(s is not None and s < w for s, w in zip(sizes, window, strict=True)):
        raise Clash(
            f"a {what} over {sizes_text(window)} does not fit into {sizes_text(sizes)}",
            f"make the {what} smaller, reduce the input less before it, or say `padding: same`",
        )
    return tuple(
        None if size is None else (size - (1 if same else width)) // stride + 1
        for size, width, stride in zip(sizes, window, strides, strict=True)
    )


def _grown(size: int, width: int, stride: int, extra: int | None, same: bool) -> int:
    """The size before a convolution that would give this one."""
    if same:
        return size * stride if extra is None else (size - 1) * stride + width % 2 + extra
    return (size - 1) * stride + width + (max(width, stride) - width if extra is None else extra)


def _is_same(arguments: Arguments) -> bool:
    padding = arguments.text("padding")
    if padding not in ("valid", "same", "causal"):
        raise Unknown
    return padding != "valid"
