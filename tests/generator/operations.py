"""Functions of `keras.ops` among the layers: their arguments, and what they make of a shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from modelforge.graph.shapes.known import Shape
from tests.generator.draw import Draw

Maker = Callable[[Draw, Shape], dict[str, Any]]
After = Callable[[Shape, dict[str, Any]], "Shape | None"]


def _nothing(draw: Draw, shape: Shape) -> dict[str, Any]:
    return {}


def _choices(**choices: tuple[Any, ...]) -> Maker:
    return lambda draw, shape: {name: draw.one(options) for name, options in choices.items()}


def _axis(draw: Draw, shape: Shape) -> dict[str, Any]:
    return {"axis": draw.whole(1, len(shape) - 1), **draw.some(0.5, keepdims=(True, False))}


def _order(draw: Draw, shape: Shape) -> dict[str, Any]:
    return {"axes": [0, *draw.random.sample(range(1, len(shape)), len(shape) - 1)]}


def _new_shape(draw: Draw, shape: Shape) -> dict[str, Any]:
    sizes = [size for size in shape[1:] if size is not None]
    return {"newshape": [-1, 1, *sizes]} if len(sizes) == len(shape) - 1 else {"newshape": [-1]}


def _same(shape: Shape, arguments: dict[str, Any]) -> Shape | None:
    return shape


def _reduced(shape: Shape, arguments: dict[str, Any]) -> Shape | None:
    axis = arguments["axis"]
    if axis >= len(shape):
        return None
    kept = (1,) if arguments.get("keepdims") else ()
    return (*shape[:axis], *kept, *shape[axis + 1 :])


def _expanded(shape: Shape, arguments: dict[str, Any]) -> Shape | None:
    return (*shape, 1)


def _moved(shape: Shape, arguments: dict[str, Any]) -> Shape | None:
    axes = arguments["axes"]
    return tuple(shape[axis] for axis in axes) if len(axes) == len(shape) else None


def _reshaped(shape: Shape, arguments: dict[str, Any]) -> Shape | None:
    sizes = arguments["newshape"][1:]
    return (None, *sizes) if sizes else None


def _weights(draw: Draw, shape: Shape) -> dict[str, Any]:
    """A tensor that is written as a number."""
    return {"x2": [[draw.number(-1, 1) for _ in range(3)] for _ in range(shape[-1] or 1)]}


def _projected(shape: Shape, arguments: dict[str, Any]) -> Shape | None:
    return (*shape[:-1], 3) if shape[-1] == len(arguments["x2"]) else None


def _swapped(shape: Shape, arguments: dict[str, Any]) -> Shape | None:
    return (shape[0], shape[-1], *shape[2:-1], shape[1]) if len(shape) > 2 else shape


def _taken(shape: Shape, arguments: dict[str, Any]) -> Shape | None:
    most = max(arguments["indices"])
    return (*shape[:-1], len(arguments["indices"])) if (shape[-1] or 0) > most else None


SAME = (
    *("abs", "relu", "relu6", "sigmoid", "tanh", "softplus", "silu", "square", "negative", "exp"),
    *("sin", "cos", "selu", "log_sigmoid", "hard_sigmoid", "stop_gradient", "sign", "arctan"),
)
OPERATIONS: dict[str, tuple[Maker, After]] = {
    **{f"ops.{name}": (_nothing, _same) for name in SAME},
    "ops.add": (_choices(x2=(1, 0.5)), _same),
    "ops.clip": (_choices(x_min=(-1, 0), x_max=(1.0, 6)), _same),
    "ops.cumprod": (_choices(axis=(1, -1)), _same),
    "ops.cumsum": (_choices(axis=(1, -1)), _same),
    "ops.elu": (_choices(alpha=(0.5, 1.5)), _same),
    "ops.expand_dims": (_choices(axis=(-1,)), _expanded),
    "ops.flip": (_choices(axis=(1, -1)), _same),
    "ops.gelu": (_choices(approximate=(True, False)), _same),
    "ops.max": (_axis, _reduced),
    "ops.maximum": (_choices(x2=(0, 0.1)), _same),
    "ops.matmul": (_weights, _projected),
    "ops.mean": (_axis, _reduced),
    "ops.multiply": (_choices(x2=(2, 0.5)), _same),
    "ops.reshape": (_new_shape, _reshaped),
    "ops.roll": (_choices(shift=(1, -2), axis=(1, -1)), _same),
    "ops.softmax": (_choices(axis=(-1,)), _same),
    "ops.sum": (_axis, _reduced),
    "ops.swapaxes": (_choices(axis1=(1,), axis2=(-1,)), _swapped),
    "ops.take": (_choices(indices=([0], [0, 1, 0]), axis=(-1,)), _taken),
    "ops.transpose": (_order, _moved),
}
# Two tensors of one shape, and lists of tensors.
MERGING = ("ops.add", "ops.arctan2", "ops.logaddexp", "ops.maximum", "ops.minimum", "ops.multiply",
           "ops.subtract")  # fmt: skip
JOINING = ("ops.concatenate", "ops.stack")


def after(word: str, arguments: dict[str, Any], shape: Shape) -> Shape | None:
    """The shape behind an operation on one tensor."""
    found = OPERATIONS[word][1](shape, arguments)
    return found if found and len(found) > 1 and found[-1] is not None else None
