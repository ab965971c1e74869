"""Matrices: dense layers by units or by an equation, and embeddings."""

from __future__ import annotations

import re
from math import prod

from modelforge.graph.shapes.arguments import Arguments, as_integer
from modelforge.graph.shapes.known import Clash, Result, Shape, Unknown, WrongRank, known_size, one

_EQUATION = re.compile(r"(\.{3})?([a-zA-Z]+)(\.{3})?,([a-zA-Z]+)->(\.{3})?([a-zA-Z]+)(\.{3})?")


def dense(arguments: Arguments) -> Result:
    """`Dense`: a matrix over the last axis."""
    units, shape = arguments.positive("units"), arguments.input
    if len(shape) < 2:
        raise WrongRank("it takes at least 2 axes (batch, features), but the input has 1")
    features = known_size(shape, -1, "the axis of the features")
    bias = units if arguments.flag("use_bias") else 0
    return one((*shape[:-1], units), features * units + bias)


def embedding(arguments: Arguments) -> Result:
    """`Embedding`: a vector for each number."""
    rows, columns = arguments.positive("input_dim"), arguments.positive("output_dim")
    return one((*arguments.input, columns), rows * columns)


def reversible(arguments: Arguments) -> Result:
    """`ReversibleEmbedding`: a vector for each number, or back."""
    rows, columns = arguments.positive("input_dim"), arguments.positive("output_dim")
    shape, weights = arguments.input, rows * columns
    if not arguments.flag("tie_weights"):
        weights *= 2
    back = arguments.option("reverse")
    return one((*shape[:-1], rows) if back else (*shape, columns), weights)


def einsum_dense(arguments: Arguments) -> Result:
    """`EinsumDense`: the product that an equation describes."""
    return _einsum(arguments)[0]


def einsum_dense_running(arguments: Arguments) -> Result:
    """The same with the sizes that `output_shape` leaves open and the input tells."""
    found, sizes = _einsum(arguments)
    shape = tuple(
        told if size is None else size for size, told in zip(found.shape, sizes, strict=True)
    )
    return found._replace(shapes=(shape,))


def _einsum(arguments: Arguments) -> tuple[Result, Shape]:
    """The result, and the sizes of its axes as the input tells them."""
    equation = arguments.value("equation")
    parts = _EQUATION.fullmatch(equation) if isinstance(equation, str) else None
    if parts is None:
        raise Unknown
    before, source, after, weight, out_before, target, out_after = parts.groups()
    if (before, after) != (out_before, out_after) or (before and after):
        raise Unknown
    shape = arguments.input
    elided = len(shape) - len(source)
    if elided < 0 or (elided > 0 and not before and not after):
        raise Unknown
    if len(set(source)) != len(source) or len(set(target)) != len(target):
        raise Unknown
    output = _output(arguments, shape, elided, bool(before))
    if len(output) != len(target) + elided:
        raise Unknown
    offset = elided if before else 0
    sizes = dict(zip(source, shape[offset:], strict=False))
    wanted = dict(zip(target, output[offset:], strict=False))
    _compare(sizes, wanted)
    kernel = [_size(name, wanted, sizes) for name in weight]
    told = [*output]
    told[offset : offset + len(target)] = [sizes.get(name) for name in target]
    return one(output, prod(kernel) + _bias(arguments, wanted)), tuple(told)


def _output(arguments: Arguments, shape: Shape, elided: int, left: bool) -> Shape:
    """The written output shape, with the batch axis and those that the dots stand for."""
    written = arguments.value("output_shape")
    items = written if isinstance(written, tuple) else (written,)
    sizes = tuple(None if item is None else as_integer(item) for item in items)
    between = shape[1:elided]
    if left and between != between[::-1]:
        raise Unknown  # Keras (3.15) tells these axes in reverse and computes them in order
    if left:
        return (shape[0], *between, *sizes)
    return (shape[0], *sizes, *(shape[len(shape) - elided :] if elided else ()))


def _compare(sizes: dict[str, int | None], wanted: dict[str, int | None]) -> None:
    for name, size in sizes.items():
        told = wanted.get(name)
        if told is not None and told != size:
            raise Clash(f"`{name}` of its equation is {size} in the input and {told} in the output")


def _size(name: str, wanted: dict[str, int | None], sizes: dict[str, int | None]) -> int:
    if name not in wanted and name not in sizes:
        raise Unknown
    size = wanted[name] if name in wanted else sizes[name]
    if size is None:
        raise Clash(f"`{name}` of its equation is open, but weights are made for it")
    return size


def _bias(arguments: Arguments, wanted: dict[str, int | None]) -> int:
    axes = arguments.value("bias_axes")
    if axes is None:
        return 0
    if not isinstance(axes, str) or not axes or any(name not in wanted for name in axes):
        raise Unknown
    return prod(_size(name, wanted, {}) for name in set(axes))
