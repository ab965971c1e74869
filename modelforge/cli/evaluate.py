"""`modelforge evaluate`: measures a trained run on its data."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from modelforge.cli.options import json_option, trust_option
from modelforge.cli.run_option import run_argument, verbose_option


@click.command("evaluate")
@run_argument
@click.option(
    "--on",
    type=click.Choice(["validation", "test", "train"]),
    help="The part of the data; default: validation, or test where there is none.",
)
@json_option
@trust_option
@verbose_option
def command(run: str, runs: Path, on: str | None, as_json: bool, verbose: bool) -> int:
    """Measure RUN: the metrics of its spec, and for classes a table and a confusion matrix.

    RUN is a run folder, the end of a run's name, or `latest`. The result is kept in the run
    folder, and its report.html is written anew.
    """
    from modelforge.cli.tell import tell
    from modelforge.cli.tensorflow import import_tensorflow
    from modelforge.findings import Findings
    from modelforge.runs import find_run

    folder = find_run(run, runs)
    import_tensorflow(verbose)
    from modelforge.evaluate import evaluate_run, open_run
    from modelforge.evaluate.summary import summary
    from modelforge.report import write_report

    findings = Findings()
    result = evaluate_run(open_run(folder), on, findings)
    tell(findings)
    if as_json:
        json.dump(result.as_dict(), sys.stdout, indent=2, ensure_ascii=False)
        click.echo()
    else:
        click.echo(summary(result), nl=False)
    click.echo(f"report: {write_report(folder)}", err=True)
    return 0
