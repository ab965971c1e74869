"""The same values in another shape: flattened, reshaped, permuted, repeated."""

from __future__ import annotations

from math import prod

from modelforge.graph.shapes.arguments import Arguments, as_integer
from modelforge.graph.shapes.known import Clash, Result, Shape, Unknown, one, rank, volume


def flatten(arguments: Arguments) -> Result:
    """`Flatten`: one axis beside the batch."""
    arguments.channels_last()
    shape = arguments.input
    return one((shape[0], volume(shape[1:])))


def reshape(arguments: Arguments) -> Result:
    """`Reshape`: the same number of values; one size may be -1."""
    written, shape = arguments.value("target_shape"), arguments.input
    if not isinstance(written, tuple):
        raise Unknown
    target = tuple(as_integer(size) for size in written)
    if any(size < -1 for size in target) or target.count(-1) > 1:
        raise Unknown
    values = volume(shape[1:])
    if values is None:
        return one((shape[0], *(None if size == -1 else size for size in target)))
    return one((shape[0], *_filled(values, target)))


def _filled(values: int, target: tuple[int, ...]) -> Shape:
    told = prod(size for size in target if size != -1)
    if -1 not in target:
        if told != values:
            raise Clash(
                f"{values} values cannot be put into {list(target)}, which has {told}",
                "one size may be -1: it becomes what is left",
            )
        return target
    if not told or values % told:
        raise Clash(
            f"{values} values cannot be put into {list(target)}: they are no multiple of {told}"
        )
    return tuple(values // told if size == -1 else size for size in target)


def permute(arguments: Arguments) -> Result:
    """`Permute`: the axes in another order; they count from 1."""
    written, shape = arguments.value("dims"), arguments.input
    if not isinstance(written, tuple):
        raise Unknown
    order = tuple(as_integer(axis) for axis in written)
    if sorted(order) != list(range(1, len(order) + 1)):
        raise Unknown
    rank(shape, len(order) + 1, f"(batch and the {len(order)} of `dims`)")
    return one((shape[0], *(shape[axis] for axis in order)))


def repeat_vector(arguments: Arguments) -> Result:
    """`RepeatVector`: a vector so many times."""
    times, shape = arguments.positive("n"), arguments.input
    rank(shape, 2, "(batch, features)")
    return one((shape[0], times, shape[1]))
