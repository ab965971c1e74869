"""Several tensors become one: elementwise, side by side, or as a product."""

from __future__ import annotations

from modelforge.graph.shapes.arguments import Arguments, as_sizes
from modelforge.graph.shapes.known import Clash, Result, Shape, Unknown, one


def elementwise(arguments: Arguments) -> Result:
    """`Add`, `Multiply`, `Average`, `Maximum`, `Minimum`."""
    shapes = arguments.all_inputs
    output = shapes[0][1:]
    for shape in shapes[1:]:
        output = _broadcast(output, shape[1:])
    return one((None, *output))


def subtract(arguments: Arguments) -> Result:
    """`Subtract`: one from another."""
    found = elementwise(arguments)
    _two(arguments.all_inputs)
    return found


def concatenate(arguments: Arguments) -> Result:
    """`Concatenate`: the other axes must be equal."""
    axis, shapes = arguments.integer("axis"), arguments.all_inputs
    ranks = sorted({len(shape) for shape in shapes})
    if not -ranks[0] <= axis < ranks[0]:
        if len(ranks) > 1 or len(shapes) == 1:
            raise Unknown  # Keras's check has gaps there
        raise Clash(f"`axis` is {axis}, but the inputs have {ranks[0]} axes")
    if len(ranks) > 1:
        raise Clash(f"the inputs have {' and '.join(map(str, ranks))} axes; all need as many")
    place = axis % ranks[0]
    _check_equal(shapes, place)
    joined = [shape[place] for shape in shapes]
    known = [size for size in joined if size is not None]
    total = sum(known) if len(known) == len(joined) else None
    return one((*shapes[0][:place], total, *shapes[0][place + 1 :]))


def _check_equal(shapes: tuple[Shape, ...], place: int) -> None:
    for axis in range(len(shapes[0])):
        found = sorted({size for shape in shapes if (size := shape[axis]) is not None})
        if axis != place and len(found) > 1:
            raise Clash(
                f"the inputs must be equal but for axis {place}, and axis {axis} is "
                + " and ".join(map(str, found))
            )


def dot(arguments: Arguments) -> Result:
    """`Dot`: products over one axis of each."""
    shapes = arguments.all_inputs
    _two(shapes)
    first, second = shapes
    written = arguments.value("axes")
    if not isinstance(written, tuple) and isinstance(written, int) and written < 0:
        axes: tuple[int, ...] = (written % len(first), written % len(second))
    else:
        axes = as_sizes(written, 2, least=-8)
    for axis, shape in zip(axes, shapes, strict=True):
        if not -len(shape) <= axis < len(shape):
            raise Clash(f"`axes` says {axis}, but an input has {len(shape)} axes")
    if first[axes[0]] != second[axes[1]]:
        raise Clash(
            f"axis {axes[0]} of the first has {first[axes[0]]} values, "
            f"axis {axes[1]} of the second has {second[axes[1]]}"
        )
    if 0 in (axes[0] % len(first), axes[1] % len(second)):
        raise Unknown  # the batch axis: refused only when the model runs
    output = _without(first, axes[0]) + _without(second, axes[1])[1:]
    return one(output if len(output) > 1 else (*output, 1))


def _without(shape: Shape, axis: int) -> Shape:
    place = axis % len(shape)
    return shape[:place] + shape[place + 1 :]


def _two(shapes: tuple[Shape, ...]) -> None:
    if len(shapes) != 2:
        raise Clash(f"it takes 2 inputs, but it is called on {len(shapes)}")


def _broadcast(first: Shape, second: Shape) -> Shape:
    """Keras's rule: aligned at the end, a size of 1 fits every other, an open one stays open."""
    if len(first) < len(second):
        first, second = second, first
    if not second:
        return first
    output = list(first[: -len(second)])
    for one_size, other in zip(first[-len(second) :], second, strict=True):
        if one_size is None or other is None:
            output.append(None)
        elif one_size != other and 1 not in (one_size, other):
            raise Clash(
                f"{one_size} and {other} values cannot be matched",
                "sizes must be equal, or one of them 1; a `Dense` or `Conv2D` of the same size "
                "on one of the branches makes them so",
            )
        else:
            output.append(other if one_size == 1 else one_size)
    return tuple(output)
