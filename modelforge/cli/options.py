"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


def spec_argument(function: Function) -> Function:
    """The spec that a verb reads; `-` is standard input."""
    return click.argument("spec", type=click.Path(allow_dash=True))(function)


def set_option(function: Function) -> Function:
    """`--set path=value`, any number of times."""
    return click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="PATH=VALUE",
        help="Replace a value of the spec, e.g. train.epochs=3 or model.layers.head.Dense.units=5.",
    )(function)


def large_option(function: Function) -> Function:
    """`--allow-large`, for models over the budget."""
    return click.option(
        "--allow-large",
        is_flag=True,
        help="Allow more layers, parameters or memory than the budget.",
    )(function)


def json_option(function: Function) -> Function:
    """`--json`, for programs that read the output."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)
