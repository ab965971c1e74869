"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from modelforge.catalog import Catalog, Word
    from modelforge.findings import Findings
    from modelforge.graph.plugins import PluginFile

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


def trust_option(function: Function) -> Function:
    """`--trust-plugins`: lets the Python files run that a spec names."""
    return click.option(
        "--trust-plugins",
        is_flag=True,
        expose_value=False,
        callback=_trust,
        help="Run plugins: the Python files that a spec, a run or --plugins names.",
    )(function)


def plugins_option(function: Function) -> Function:
    """`--plugins FILE`, any number of times, for verbs that read no spec."""
    return click.option(
        "--plugins",
        multiple=True,
        metavar="FILE",
        type=click.Path(dir_okay=False),
        help="A Python file whose words count, too; needs --trust-plugins.",
    )(function)


def _trust(context: click.Context, _: click.Parameter, given: bool) -> None:
    if not given:
        return
    from modelforge.graph.plugins import TRUSTED

    token = TRUSTED.set(_run_plugins)
    # Trust ends with the command for which it was given.
    context.call_on_close(lambda: TRUSTED.reset(token))


def _run_plugins(
    files: Sequence[PluginFile], catalog: Catalog, findings: Findings
) -> Sequence[Word]:
    from modelforge.cli.tensorflow import import_tensorflow

    import_tensorflow()
    from modelforge.build.plugins import run_plugins

    return run_plugins(files, catalog, findings)


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
