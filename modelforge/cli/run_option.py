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


def workers_options(function: Function) -> Function:
    """`--workers` and `--set`: how many processes, and over which devices of each."""
    workers = click.option(
        "--workers",
        type=click.IntRange(1, 64),
        metavar="N",
        help="Share the work among N processes, here; 1: alone, whatever the environment names.",
    )
    overrides = click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="train.distribute=VALUE",
        help="The devices to use instead of those that the run was trained on.",
    )
    return workers(overrides(function))


def threshold_option(function: Function) -> Function:
    """`--threshold`: from what probability on a sample has a label."""
    return click.option(
        "--threshold",
        type=click.FloatRange(0, 1),
        metavar="P",
        help="Above which probability a sample has a label, where it may have several; 0.5.",
    )(function)


def verbose_option(function: Function) -> Function:
    """`-v`: TensorFlow's own messages too."""
    return click.option("-v", "--verbose", is_flag=True, help="Show TensorFlow's messages.")(
        function
    )
