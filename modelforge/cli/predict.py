"""`modelforge predict`: asks a trained run about images, rows or arrays."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from modelforge.cli.options import trust_option
from modelforge.cli.run_option import run_argument, verbose_option

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
@trust_option
@verbose_option
def command(
    run: str,
    runs: Path,
    inputs: tuple[Path, ...],
    form: str | None,
    output: Path | None,
    probabilities: bool,
    verbose: bool,
) -> int:
    """Ask RUN about each INPUT: images or folders of them, CSV files, NPZ files, or - for stdin.

    Inputs are read exactly as the run's training data was. One that cannot be read is named, the
    others are answered all the same, and the exit code is 1.
    """
    from modelforge.cli.tell import tell
    from modelforge.cli.tensorflow import import_tensorflow
    from modelforge.findings import Findings
    from modelforge.runs import find_run

    folder = find_run(run, runs)
    import_tensorflow(verbose)
    from modelforge.evaluate import open_run, predict
    from modelforge.evaluate.render import render

    findings = Findings()
    opened = open_run(folder)
    rows = predict(opened, [_named(path) for path in inputs], findings, probabilities=probabilities)
    tell(findings)
    _write(render(rows, form or _form(output)) if rows else "", output)
    return 1 if findings.errors else 0


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
