"""Options of the verbs that work on a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


def run_argument(function: Function) -> Function:
    """RUN, and `--runs` for the folder in which names are looked up."""
    runs = click.option(
        "--runs",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("runs"),
        show_default=True,
        help="The folder of all runs, where RUN is no path.",
    )
    return click.argument("run")(runs(function))


def verbose_option(function: Function) -> Function:
    """`-v`: TensorFlow's own messages too."""
    return click.option("-v", "--verbose", is_flag=True, help="Show TensorFlow's messages.")(
        function
    )
