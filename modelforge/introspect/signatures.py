"""What a class or function may be called with, following **kwargs into the base classes."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
REQUIRED = inspect.Parameter.empty


@dataclass(frozen=True)
class Parameter:
    """An argument as Python sees it; owner is the class whose `__init__` names it."""

    name: str
    default: Any
    keyword_only: bool
    owner: Any

    @property
    def required(self) -> bool:
        """It has no default."""
        return self.default is REQUIRED


def parameters_of(thing: Any) -> list[Parameter]:
    """The arguments of a class's constructor, its bases' included, or of a function."""
    if not inspect.isclass(thing):
        return list(_own(thing, thing, inherited=False))
    found: dict[str, Parameter] = {}
    taken: set[str] = set()
    for position, (cls, init) in enumerate(_constructors(thing)):
        for parameter in _own(init, cls, inherited=position > 0):
            if parameter.name not in taken:
                found.setdefault(parameter.name, parameter)
        forwarded = _forwarded(init)
        if forwarded is None:
            break
        taken |= forwarded
    return list(found.values())


def _constructors(cls: type) -> Iterator[tuple[type, Callable[..., Any]]]:
    for base in cls.__mro__:
        init = vars(base).get("__init__")
        if base is not object and init is not None:
            yield base, inspect.unwrap(init)


def _own(function: Callable[..., Any], owner: Any, *, inherited: bool) -> Iterator[Parameter]:
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name == "self" or parameter.kind not in _NAMED:
            continue
        # Whatever travels through **kwargs travels by name.
        keyword_only = inherited or parameter.kind is inspect.Parameter.KEYWORD_ONLY
        yield Parameter(parameter.name, parameter.default, keyword_only, owner)


def _forwarded(init: Callable[..., Any]) -> set[str] | None:
    """The arguments that `init` passes to its base itself, None where it passes no **kwargs on.

    A subclass that calls `super().__init__(rank=2, **kwargs)` leaves everything but `rank` open.
    """
    if not any(p.kind is p.VAR_KEYWORD for p in inspect.signature(init).parameters.values()):
        return None
    tree = ast.parse(textwrap.dedent(inspect.getsource(init)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_base_call(node.func):
            names = [keyword.arg for keyword in node.keywords]
            if None in names:
                return {name for name in names if name} | _positional(init, node)
    return None


def _is_base_call(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "__init__"
        and isinstance(function.value, ast.Call)
        and isinstance(function.value.func, ast.Name)
        and function.value.func.id == "super"
    )


def _positional(init: Callable[..., Any], call: ast.Call) -> set[str]:
    """The names of what stands without a keyword in the call: a variable's own name."""
    return {argument.id for argument in call.args if isinstance(argument, ast.Name)}
