"""Which tensors of a function of `keras.ops` cannot be single numbers: Keras asks their shape.

A model's call is a symbolic one: `compute_output_spec` of its class sees what is written. Where
it reads `x.shape`, `x.dtype` or `x.ndim`, a number has none;
lists of numbers become arrays before (`build/operations.py`).
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

_OF_TENSORS = ("shape", "dtype", "ndim")
_ASKING = ("isinstance", "hasattr", "getattr")


def no_numbers(function: Callable[..., Any]) -> set[str]:
    """The parameters of the function for which Keras takes an array and no number."""
    function = inspect.unwrap(function)
    found: set[str] = set()
    for call, made in _symbolic_calls(function):
        specification = made.compute_output_spec
        names = _parameters(call, specification)
        found |= {names[name] for name in _asked(specification) if name in names}
    return found


def _symbolic_calls(function: Callable[..., Any]) -> Iterator[tuple[ast.Call, Any]]:
    """`Dot(axes).symbolic_call(x1, x2)` in the function's source, each with the class."""
    for node in ast.walk(_source(function)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        maker = node.func.value
        if (
            node.func.attr == "symbolic_call"
            and isinstance(maker, ast.Call)
            and isinstance(maker.func, ast.Name)
            and maker.func.id in function.__globals__
        ):
            yield node, function.__globals__[maker.func.id]


def _parameters(call: ast.Call, specification: Callable[..., Any]) -> dict[str, str]:
    """What the parameters of `compute_output_spec` are called in the function."""
    own = list(inspect.signature(specification).parameters)[1:]
    given = [*zip(own, call.args), *((it.arg, it.value) for it in call.keywords)]  # noqa: B905
    return {name: it.id for name, it in given if name and isinstance(it, ast.Name)}


def _asked(specification: Callable[..., Any]) -> set[str]:
    """The variables that are asked for a tensor's properties, whatever they are."""
    tree = _source(specification)
    careful = {
        node.args[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _ASKING
        and isinstance(node.args[0], ast.Name)
    }
    asked = {
        node.value.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in _OF_TENSORS
        and isinstance(node.value, ast.Name)
    }
    return asked - careful


def _source(function: Callable[..., Any]) -> ast.Module:
    return ast.parse(textwrap.dedent(inspect.getsource(function)))
