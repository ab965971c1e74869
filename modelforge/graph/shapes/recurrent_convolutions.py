"""Recurrent layers whose gates are convolutions."""

from __future__ import annotations

from math import prod

from modelforge.graph.shapes.arguments import Arguments
from modelforge.graph.shapes.convolutions import channels_of, slide, spatial_of
from modelforge.graph.shapes.known import Clash, Result, Shape, Unknown, rank


def conv_lstm(arguments: Arguments, dimensions: int) -> Result:
    """`ConvLSTM1D` to `ConvLSTM3D`: four gates, a kernel for the input and one for the state."""
    filters, kernel = arguments.positive("filters"), arguments.sizes("kernel_size", dimensions)
    strides = arguments.sizes("strides", dimensions)
    dilation = arguments.sizes("dilation_rate", dimensions)
    if max(strides) > 1 and max(dilation) > 1:
        raise Unknown
    shape, last = arguments.input, arguments.channels_last()
    rank(shape, dimensions + 3, "(batch, steps, and those of the convolution)")
    if arguments.flag("stateful"):
        raise Unknown
    step: Shape = (shape[0], *shape[2:])
    if None in spatial_of(step, last):
        raise Clash("only the axis of the steps may be open, but another one is")
    channels = channels_of(step, dimensions, last)
    state = slide(arguments, step, kernel, filters)
    time = (shape[1],) if arguments.flag("return_sequences") else ()
    states = (state,) * 2 if arguments.flag("return_state") else ()
    biases = 4 * filters if arguments.flag("use_bias") else 0
    parameters = prod(kernel) * (channels + filters) * 4 * filters + biases
    return Result(((shape[0], *time, *state[1:]), *states), parameters)
