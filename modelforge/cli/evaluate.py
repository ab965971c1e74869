"""`modelforge evaluate`: measures a trained run on its data."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from modelforge.cli.options import json_option, trust_option
from modelforge.cli.run_option import (
    run_argument,
    threshold_option,
    verbose_option,
    workers_options,
)

if TYPE_CHECKING:
    from modelforge.cli.asking import Sharer


@click.command("evaluate")
@run_argument
@click.option(
    "--on",
    type=click.Choice(["validation", "test", "train"]),
    help="The part of the data; default: validation, or test where there is none.",
)
@threshold_option
@workers_options
@json_option
@trust_option
@verbose_option
@click.pass_context
def command(context: click.Context, /, **options: Any) -> int:
    """Measure RUN: the metrics of its spec, for classes a table and a confusion
    matrix, for labels of which a sample has several a table.

    RUN is a run folder, the end of a run's id, a run's name (then its newest run), or `latest`.
    The result is kept in the run folder, and its report.html is written anew. Several workers,
    which --workers starts here or which TF_CONFIG or SLURM names, measure a part each.
    """
    from modelforge.cli.asking import sharing

    with sharing(context) as sharer:
        if sharer.code is None:
            _measure(sharer, options)
    return sharer.code or 0


def _measure(sharer: Sharer, options: dict[str, Any]) -> None:
    from modelforge.cli.tell import tell
    from modelforge.cli.tensorflow import import_tensorflow
    from modelforge.findings import Findings

    import_tensorflow(options["verbose"])
    from modelforge.evaluate import evaluate_run
    from modelforge.evaluate.summary import summary
    from modelforge.report import write_report

    findings = Findings()
    run = sharer.open_run(options["threshold"])
    result = evaluate_run(run, options["on"], findings, share=sharer.share())
    if result is None:
        return
    tell(findings)
    if options["as_json"]:
        json.dump(result.as_dict(), sys.stdout, indent=2, ensure_ascii=False)
        click.echo()
    else:
        click.echo(summary(result), nl=False)
    click.echo(f"report: {write_report(sharer.folder)}", err=True)
