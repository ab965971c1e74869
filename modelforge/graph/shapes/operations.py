"""Functions of `keras.ops`: elementwise, over axes, of matrices, and on the shape itself.

They see every axis, the batch axis too, and have no weights.
"""

from __future__ import annotations

from math import prod

from modelforge.graph.shapes.arguments import Arguments, as_integer
from modelforge.graph.shapes.known import Clash, Result, Shape, Unknown, one
from modelforge.spec import Value

REDUCTIONS = (
    *("all", "amax", "amin", "any", "argmax", "argmin", "logsumexp", "max", "mean", "median"),
    *("min", "prod", "std", "sum", "var"),
)
UNARY = (
    *("abs", "absolute", "arccos", "arcsin", "arctan", "arctanh", "cast", "ceil", "celu", "clip"),
    *("cos", "cosh", "elu", "erf", "exp", "exp2", "expm1", "flip", "floor", "gelu"),
    *("hard_sigmoid", "hard_silu", "hard_tanh", "isfinite", "isinf", "isnan", "leaky_relu", "log"),
    *("log10", "log1p", "log2", "log_sigmoid", "log_softmax", "logical_not", "negative"),
    *("ones_like", "reciprocal", "relu", "relu6", "round", "rsqrt", "selu", "sigmoid"),
    *("sign", "silu", "sin", "sinh", "softmax", "softplus", "softsign", "sqrt", "square"),
    *("stop_gradient", "tan", "tanh", "tanh_shrink", "trunc", "zeros_like"),
)
BINARY = (
    *("add", "arctan2", "divide", "divide_no_nan", "equal", "floor_divide", "greater"),
    *("greater_equal", "less", "less_equal", "logical_and", "logical_or", "maximum", "minimum"),
    *("mod", "multiply", "not_equal", "power", "subtract", "true_divide"),
)


def unary(arguments: Arguments) -> Result:
    """A function of each value."""
    axis = arguments.given.get("axis")
    shape = arguments.input
    if isinstance(axis, int):
        _place(axis, shape)
    elif axis is not None:
        raise Unknown
    return one(shape)


def binary(arguments: Arguments) -> Result:
    """A function of two values; sizes are matched from the end."""
    return one(broadcast(_tensor(arguments, "x1"), _tensor(arguments, "x2")))


def where(arguments: Arguments) -> Result:
    """One or the other."""
    first = broadcast(_tensor(arguments, "condition"), _tensor(arguments, "x1"))
    return one(broadcast(first, _tensor(arguments, "x2")))


def reduce(arguments: Arguments) -> Result:
    """One value along some axes, or of all."""
    shape, axis, kept = arguments.input, arguments.value("axis"), arguments.flag("keepdims")
    if axis is None:
        return one((1,) * len(shape) if kept else ())
    written = axis if isinstance(axis, tuple) else (axis,)
    places = [_place(as_integer(item), shape) for item in written]
    if len(set(places)) != len(places):
        raise Unknown
    if kept:
        return one(tuple(1 if n in places else size for n, size in enumerate(shape)))
    return one(tuple(size for n, size in enumerate(shape) if n not in places))


def reshape(arguments: Arguments) -> Result:
    """The same values in another shape; the batch axis counts, and -1 stands for it best."""
    shape, target = arguments.input, _integers(arguments.value("newshape"))
    if any(size < -1 for size in target) or target.count(-1) > 1:
        raise Unknown
    sizes = [size for size in shape if size is not None]
    if len(sizes) < len(shape):
        return one(tuple(None if size == -1 else size for size in target))
    told = prod(size for size in target if size != -1)
    values = prod(sizes)
    if (-1 in target and (not told or values % told)) or (-1 not in target and told != values):
        raise Clash(f"{values} values cannot be put into {list(target)}")
    return one(tuple(values // told if size == -1 else size for size in target))


def transpose(arguments: Arguments) -> Result:
    """The axes in another order; they count from 0, the batch axis."""
    shape, written = arguments.input, arguments.value("axes")
    if written is None:
        return one(shape[::-1])
    axes = _integers(written)
    if len(axes) != len(shape):
        raise Clash(f"`axes` has {len(axes)} numbers, but the input has {len(shape)} axes")
    places = [_place(axis, shape) for axis in axes]
    if len(set(places)) != len(places):
        raise Clash(f"`axes` is {list(axes)}, expected each axis once")
    return one(tuple(shape[place] for place in places))


def swap(arguments: Arguments) -> Result:
    """Two axes change places."""
    sizes = list(arguments.input)
    first, second = (
        _place(arguments.integer(name), arguments.input) for name in ("axis1", "axis2")
    )
    sizes[first], sizes[second] = sizes[second], sizes[first]
    return one(tuple(sizes))


def expand(arguments: Arguments) -> Result:
    """A new axis of 1."""
    shape, axis = arguments.input, arguments.integer("axis")
    place = _place(axis, (*shape, 1))
    return one((*shape[:place], 1, *shape[place:]))


def squeeze(arguments: Arguments) -> Result:
    """Without axes of 1."""
    shape, axis = arguments.input, arguments.value("axis")
    if axis is None:
        return one(tuple(size for size in shape if size != 1))
    places = [_place(item, shape) for item in _integers(axis)]
    for place in places:
        if shape[place] != 1:
            raise Clash(f"axis {place} is {shape[place]} and cannot be left out: it is not 1")
    return one(tuple(size for n, size in enumerate(shape) if n not in places))


def concatenate(arguments: Arguments) -> Result:
    """Side by side."""
    shapes = arguments.all_inputs
    place = _place(arguments.integer("axis"), shapes[0])
    _equal(shapes, place)
    joined = [shape[place] for shape in shapes]
    known = [size for size in joined if size is not None]
    total = sum(known) if len(known) == len(joined) else None
    return one((*shapes[0][:place], total, *shapes[0][place + 1 :]))


def stack(arguments: Arguments) -> Result:
    """On each other, along a new axis."""
    shapes = arguments.all_inputs
    _equal(shapes, -1)
    place = _place(arguments.integer("axis"), (*shapes[0], 1))
    return one((*shapes[0][:place], len(shapes), *shapes[0][place:]))


def split(arguments: Arguments) -> Result:
    """In equal parts, or at certain places."""
    shape, count = arguments.input, arguments.value("indices_or_sections")
    place = _place(arguments.integer("axis"), shape)
    size = shape[place]
    if not isinstance(count, int) or isinstance(count, bool) or count < 1 or size is None:
        raise Unknown
    if size % count:
        raise Clash(f"axis {place}, {size}, cannot be split into {count} equal parts")
    return Result(((*shape[:place], size // count, *shape[place + 1 :]),) * count)


def matmul(arguments: Arguments) -> Result:
    """The product of matrices, for each of what stands before them."""
    first, second = _tensor(arguments, "x1"), _tensor(arguments, "x2")
    if min(len(first), len(second)) < 2:
        raise Unknown
    if None not in (first[-1], second[-2]) and first[-1] != second[-2]:
        raise Clash(f"rows of {first[-1]} values cannot be multiplied with columns of {second[-2]}")
    return one((*broadcast(first[:-2], second[:-2]), first[-2], second[-1]))


def repeat(arguments: Arguments) -> Result:
    """Each value several times."""
    shape, times, axis = arguments.input, arguments.positive("repeats"), arguments.value("axis")
    if axis is None:
        sizes = [size for size in shape if size is not None]
        return one((prod(sizes) * times if len(sizes) == len(shape) else None,))
    place = _place(as_integer(axis), shape)
    size = shape[place]
    return one((*shape[:place], None if size is None else size * times, *shape[place + 1 :]))


def tile(arguments: Arguments) -> Result:
    """The whole several times, along each axis."""
    shape, times = arguments.input, _integers(arguments.value("repeats"))
    if min(times, default=0) < 1:
        raise Unknown
    longest = max(len(shape), len(times))
    times = (1,) * (longest - len(times)) + times
    shape = (1,) * (longest - len(shape)) + shape
    pairs = zip(shape, times, strict=True)
    return one(tuple(None if size is None else size * count for size, count in pairs))


def broadcast(first: Shape, second: Shape) -> Shape:
    """Keras's rule: aligned at the end; 1 fits every size, an open one takes the other."""
    length = max(len(first), len(second))
    ones = (1,) * length
    pairs = zip((*ones[len(first) :], *first), (*ones[len(second) :], *second), strict=True)
    return tuple(_matched(one_size, other) for one_size, other in pairs)


def _matched(first: int | None, second: int | None) -> int | None:
    if first == 1:
        return second
    if first is None:
        return None if second == 1 else second
    if second in (1, None, first):
        return first
    raise Clash(
        f"{first} and {second} values cannot be matched", "sizes must be equal, or one of them 1"
    )


def _tensor(arguments: Arguments, name: str) -> Shape:
    """The shape of an input, which may be written as numbers."""
    if name in arguments.inputs:
        shapes = arguments.inputs[name]
        if len(shapes) != 1:
            raise Unknown
        return shapes[0]
    return _written(arguments.value(name))


def _written(value: Value) -> Shape:
    if isinstance(value, tuple):
        inner = {_written(item) for item in value}
        if len(inner) != 1:
            raise Unknown
        return (len(value), *inner.pop())
    if isinstance(value, bool | int | float):
        return ()
    raise Unknown


def _place(axis: int, shape: Shape) -> int:
    if not -len(shape) <= axis < len(shape):
        raise Clash(f"there is no axis {axis}: it has {len(shape)}, the batch axis counted")
    return axis % len(shape)


def _integers(value: Value) -> tuple[int, ...]:
    items = value if isinstance(value, tuple) else (value,)
    return tuple(as_integer(item) for item in items)


def _equal(shapes: tuple[Shape, ...], place: int) -> None:
    first = shapes[0]
    for shape in shapes[1:]:
        if len(shape) != len(first):
            raise Clash(f"the inputs have {len(first)} and {len(shape)} axes; all need as many")
        for axis, (size, other) in enumerate(zip(first, shape, strict=True)):
            if axis != place and None not in (size, other) and size != other:
                raise Clash(f"the inputs must be equal, but axis {axis} is {size} and {other}")


RULES = {
    **{f"ops.{name}": unary for name in UNARY},
    **{f"ops.{name}": binary for name in BINARY},
    **{f"ops.{name}": reduce for name in REDUCTIONS},
    "ops.concatenate": concatenate,
    "ops.expand_dims": expand,
    "ops.matmul": matmul,
    "ops.repeat": repeat,
    "ops.reshape": reshape,
    "ops.split": split,
    "ops.squeeze": squeeze,
    "ops.stack": stack,
    "ops.swapaxes": swap,
    "ops.tile": tile,
    "ops.transpose": transpose,
    "ops.where": where,
}
