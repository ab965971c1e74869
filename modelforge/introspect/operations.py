"""The functions of `keras.ops` as words: which of their parameters are tensors, and the others."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import keras

from modelforge.catalog.operations import (
    NEEDED,
    NO_NUMBERS,
    NO_TENSORS,
    NUMBERS,
    OPERATION_REFUSALS,
    TENSORS,
    TYPES,
)
from modelforge.catalog.word import Argument, JsonType, Word
from modelforge.introspect.docstrings import arguments_of, documentation_of
from modelforge.introspect.infer import argument_of
from modelforge.introspect.operands import no_numbers
from modelforge.introspect.signatures import Parameter, parameters_of

# Namespaces within `keras.ops`. It has most of their functions itself, and all those of
# `keras.ops.numpy`, a name that nobody writes.
_SPACES = ("image", "linalg", "nn")
_LIST_OF_TENSORS = re.compile(r"^(?:an? |the )?(?:sequence|tuple|list)s? of\b", re.IGNORECASE)

# The documentation of these speaks now of an integer, now of a list, and Keras takes both.
_SIZES = re.compile(
    r"ax[ei]s|(?:\w+_)?(?:shape|size)|pad_width|repeats|shift|source|destination|strides?"
    r"|dilation\w*"
)
_NUMBERED = re.compile(r"axis\w")

Function = Callable[..., Any]


def operations() -> Iterator[Word]:
    """Every function of `keras.ops` as a word, refused where a model cannot hold it."""
    names: dict[Function, list[str]] = {}
    for space in ("", *_SPACES):
        module = getattr(keras.ops, space) if space else keras.ops
        for name, function in _public(f"ops.{space}" if space else "ops", module):
            names.setdefault(function, []).append(name)
    for function, (first, *others) in names.items():
        own = f"ops.{function.__name__}"  # `swish` is another name of `silu`
        name = own if own in others else first
        yield _word(name, function, tuple(sorted({first, *others} - {name})))


def _public(prefix: str, module: Any) -> Iterator[tuple[str, Function]]:
    for name, thing in sorted(vars(module).items()):
        if inspect.isfunction(thing) and not name.startswith("_"):
            yield f"{prefix}.{name}", thing


def _word(name: str, function: Function, aliases: tuple[str, ...]) -> Word:
    documentation = documentation_of(function)
    texts = arguments_of(function)
    tensors = _tensors(name, function)
    only = no_numbers(function) | {each for each in tensors if (name, each) in NO_NUMBERS}
    first = tensors[0] if tensors else ""
    return Word(
        name=name,
        kind="operation",
        module=f"keras.{name.rpartition('.')[0]}",
        aliases=aliases,
        arguments=tuple(
            _operand(name, parameter, texts.get(parameter.name, ""), first, only)
            if parameter.name in tensors
            else _argument(name, parameter, texts.get(parameter.name, ""))
            for parameter in parameters_of(function)
            if parameter.name not in tensors or len(tensors) > 1
        ),
        summary=documentation.summary,
        documentation=documentation.text,
        calls=tensors,
        merges=first in _varying(function) or bool(_LIST_OF_TENSORS.match(texts.get(first, ""))),
        refused=OPERATION_REFUSALS.get(name, "" if tensors else NUMBERS),
    )


def _operand(name: str, parameter: Parameter, text: str, first: str, only: set[str]) -> Argument:
    """A tensor: lists of numbers, or a number where Keras does not ask it for its shape."""
    needed = parameter.required or (name, parameter.name) in NEEDED
    null: tuple[JsonType, ...] = () if needed else ("null",)
    numbers: tuple[JsonType, ...] = () if parameter.name in only else ("boolean", "number")
    return Argument(
        parameter.name,
        types=TYPES.get((name, parameter.name), (*null, *numbers, "array")),
        keyword_only=parameter.name == first,
        documentation=text,
    )


def _argument(name: str, parameter: Parameter, text: str) -> Argument:
    null: tuple[JsonType, ...]
    found = argument_of(parameter, text, "")
    if parameter.name == "dtype":  # here it is no policy
        return replace(found, kinds=(), types=("string",) if found.required else ("null", "string"))
    if (name, parameter.name) in TYPES:
        return replace(found, types=TYPES[name, parameter.name])
    if _NUMBERED.fullmatch(parameter.name):
        return replace(found, types=("integer",))
    if _SIZES.fullmatch(parameter.name):
        null = ("null",) if parameter.default is None else ()
        return replace(found, types=(*null, "integer", "array"), items=(), length=None)
    return found


def _tensors(name: str, function: Function) -> tuple[str, ...]:
    """The parameters that are tensors: what the function's own source makes a symbolic call with.

    Other sources only ask whether one of them is symbolic.
    """
    if name in TENSORS:
        return TENSORS[name]
    parameters = inspect.signature(function).parameters
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    called = _names(tree, "symbolic_call") or _names(tree, "any_symbolic_tensors")
    return tuple(each for each in parameters if each in called and (name, each) not in NO_TENSORS)


def _names(tree: ast.Module, called: str) -> set[str]:
    """The variables that a function of this name is called with somewhere in a source."""
    return {
        name.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _called(node.func) == called
        for value in (*node.args, *(keyword.value for keyword in node.keywords))
        for name in ast.walk(value)
        if isinstance(name, ast.Name)
    }


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _varying(function: Function) -> set[str]:
    """`operands` of `einsum(subscripts, *operands)`."""
    parameters = inspect.signature(function).parameters.values()
    return {
        parameter.name for parameter in parameters if parameter.kind is parameter.VAR_POSITIONAL
    }
