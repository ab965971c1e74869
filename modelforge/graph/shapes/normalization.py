"""Normalization layers; all of them leave the shape as it is."""

from __future__ import annotations

from math import prod

from modelforge.findings import counted
from modelforge.graph.shapes.arguments import Arguments, as_integer
from modelforge.graph.shapes.known import Clash, Result, Shape, Unknown, known_size, one


def batch(arguments: Arguments) -> Result:
    """`BatchNormalization`: its moving statistics are not trained."""
    shape, axis = arguments.input, arguments.integer("axis")
    size = known_size(shape, axis, "the axis to normalize")
    moving = 5 if arguments.flag("renorm") else 2
    return one(shape, size * _flags(arguments), size * moving)


def layer(arguments: Arguments) -> Result:
    """`LayerNormalization`."""
    shape = arguments.input
    return one(shape, _product(arguments, shape) * _flags(arguments))


def rms(arguments: Arguments) -> Result:
    """`RMSNormalization`."""
    shape = arguments.input
    return one(shape, _product(arguments, shape))


def group(arguments: Arguments) -> Result:
    """`GroupNormalization`; -1 groups are as many as there are channels."""
    shape, axis, groups = arguments.input, arguments.integer("axis"), arguments.integer("groups")
    if groups < -1 or groups == 0:
        raise Unknown
    size = known_size(shape, axis, "the axis to normalize")
    groups = size if groups == -1 else groups
    if size < groups or size % groups:
        raise Clash(
            f"{counted(size, 'channel')} cannot be divided into {counted(groups, 'group')}",
            "`groups` must divide the number of channels; it is 32 where nothing is said",
        )
    return one(shape, size * _flags(arguments))


def unit(arguments: Arguments) -> Result:
    """`UnitNormalization`."""
    shape = arguments.input
    for axis in _axes(arguments):
        if not -len(shape) <= axis < len(shape):
            raise Clash(f"`axis` is {axis}, but the input has {len(shape)} axes")
    return one(shape)


def standardize(arguments: Arguments) -> Result:
    """`Normalization`: mean and variance are weights where they are learnt from data."""
    shape = arguments.input
    axes = () if arguments.value("axis") is None else _axes(arguments)
    sizes = [known_size(shape, axis, "the axis to keep") for axis in axes]
    if len({axis % len(shape) for axis in axes}) != len(axes):
        raise Unknown
    mean, variance = arguments.value("mean"), arguments.value("variance")
    if (mean is None) != (variance is None):
        raise Unknown
    # The third weight is the number of samples that were seen.
    return one(shape, 0, 2 * prod(sizes) + 1 if mean is None else 0)


def _flags(arguments: Arguments) -> int:
    return arguments.flag("scale") + arguments.flag("center")


def _axes(arguments: Arguments) -> tuple[int, ...]:
    written = arguments.value("axis")
    if isinstance(written, tuple):
        return tuple(as_integer(axis) for axis in written)
    return (as_integer(written),)


def _product(arguments: Arguments, shape: Shape) -> int:
    """The values in the axes that are normalized: there is a weight for each."""
    axes = _axes(arguments)
    for axis in axes:
        if not -len(shape) <= axis < len(shape):
            raise Clash(f"`axis` is {axis}, but the input has {len(shape)} axes")
    if not (arguments.defaults.get("scale") is None or _flags(arguments)):
        return 0
    return prod(known_size(shape, axis, "the axis to normalize") for axis in axes)
