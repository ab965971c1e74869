"""`modelforge predict`: asks a trained run about images, rows or arrays."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelforge.cli.options import trust_option
from modelforge.cli.run_option import (
    run_argument,
    threshold_option,
    verbose_option,
    workers_options,
)

if TYPE_CHECKING:
    from modelforge.cli.asking import Sharer

BY_SUFFIX = {".csv": "csv", ".jsonl": "jsonl", ".txt": "table"}


@click.command("predict")
@run_argument
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "jsonl"]),
    help="Default: by the ending of --output; else table on a terminal, csv in a pipe.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write to a file.")
@click.option("--probabilities", is_flag=True, help="A column with the probability of each class.")
@threshold_option
@workers_options
@trust_option
@verbose_option
@click.pass_context
def command(context: click.Context, /, **options: Any) -> int:
    """Ask RUN about each INPUT: images or folders of them, CSV files, NPZ files, or - for stdin.

    A pattern that the shell has left alone ("new/*.jpg", "new/**/*.png") names every file like it.

    Inputs are read exactly as the run's training data was. One that cannot be read is named, the
    others are answered all the same, and the exit code is 1. Several workers, which --workers
    starts here or which TF_CONFIG or SLURM names, answer a part each; the first one writes.
    """
    from modelforge.cli.asking import sharing

    with sharing(context) as sharer:
        if sharer.code is None:
            _ask(sharer, options)
    return sharer.code or 0


def _ask(sharer: Sharer, options: dict[str, Any]) -> None:
    from modelforge.cli.tell import tell
    from modelforge.cli.tensorflow import import_tensorflow
    from modelforge.findings import Findings

    import_tensorflow(options["verbose"])
    from modelforge.evaluate import predict
    from modelforge.evaluate.render import render

    findings = Findings()
    inputs = [_named(path) for path in options["inputs"]]
    rows = predict(
        sharer.open_run(options["threshold"]),
        inputs,
        findings,
        probabilities=options["probabilities"],
        share=sharer.share(),
    )
    if not sharer.worker.talks:
        return
    tell(findings)
    output = options["output"]
    _write(render(rows, options["form"] or _form(output)) if rows else "", output)
    sharer.code = 1 if findings.errors else 0


def _named(path: Path) -> Path:
    return Path("/dev/stdin") if str(path) == "-" else path


def _form(output: Path | None) -> str:
    if output is not None:
        return BY_SUFFIX.get(output.suffix.lower(), "csv")
    return "table" if sys.stdout.isatty() else "csv"


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    from modelforge.cli.files import write_text

    write_text(output, text)
