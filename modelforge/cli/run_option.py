"""What the verbs share that work on a run: its argument, and how they print findings."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from modelforge.findings import Findings

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


def print_findings(findings: Findings) -> None:
    """Everything found, on standard error."""
    from modelforge.cli.main import colored
    from modelforge.findings.text import render

    if len(findings):
        click.echo(render(findings, color=colored(sys.stderr)), err=True, nl=False)
