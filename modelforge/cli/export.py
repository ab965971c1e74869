"""`modelforge export`: a trained run in other formats, each compared with the Keras model."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelforge.cli.options import json_option, trust_option
from modelforge.cli.run_option import run_argument, verbose_option

if TYPE_CHECKING:
    from modelforge.spec import Object


@click.command("export")
@run_argument
@click.argument("formats", nargs=-1, metavar="[FORMAT]...")
@click.option(
    "--tolerance", type=click.FloatRange(min=0, min_open=True), help="Largest difference."
)
@click.option(
    "--version",
    type=click.IntRange(min=1),
    help="Write a SavedModel to export/serving/VERSION, as TensorFlow Serving wants it.",
)
@json_option
@trust_option
@verbose_option
def command(
    run: str,
    runs: Path,
    formats: tuple[str, ...],
    tolerance: float | None,
    version: int | None,
    as_json: bool,
    verbose: bool,
) -> int:
    """Export RUN in each FORMAT (SavedModel, Keras); by default in those that its spec names.

    Every export is loaded again and compared with the Keras model on validation samples; where
    it differs by more than the tolerance, nothing is exported and the exit code is 1.
    """
    from modelforge.cli.tell import tell
    from modelforge.cli.tensorflow import import_tensorflow
    from modelforge.findings import Findings
    from modelforge.runs import find_run

    folder = find_run(run, runs)
    words = [_word(name) for name in formats]
    if version is not None and set(words) - {"SavedModel"}:
        raise click.UsageError("--version belongs to SavedModel alone.")
    import_tensorflow(verbose)
    from modelforge.export import export_run
    from modelforge.report import write_report
    from modelforge.train import disk_told

    findings = Findings()
    with disk_told():
        made = export_run(folder, _asked(words, tolerance, version), findings)
        tell(findings)
        write_report(folder)
    _print(made, as_json)
    return 1 if findings.errors else 0


def _word(name: str) -> str:
    from modelforge.catalog.own.exports import WORDS
    from modelforge.findings import did_you_mean, listed, refuse

    names = {word.name: word for word in WORDS}
    folded = {word.lower(): word for word in names}
    found = folded.get(name.lower().replace("_", ""))
    if found is None:
        raise refuse(
            "unknown-format",
            f"there is no export format `{name}`",
            hint=did_you_mean(name, names),
            notes=[f"formats: {listed(names)}"],
        )
    return found


def _asked(
    words: Sequence[str], tolerance: float | None, version: int | None
) -> tuple[Object, ...] | None:
    from modelforge.export import DEFAULT, asked_for

    given = {"tolerance": tolerance, "version": version}
    arguments = {name: value for name, value in given.items() if value is not None}
    if not words and not arguments:
        return None
    return tuple(asked_for(word, arguments) for word in words or [DEFAULT])


def _print(made: Sequence[dict[str, Any]], as_json: bool) -> None:
    from modelforge.findings.size import size_text

    if as_json:
        json.dump({"schema_version": 1, "exports": list(made)}, sys.stdout, indent=2)
        click.echo()
        return
    for record in made:
        difference = f"largest difference {record['max_difference']:.2g}"
        click.echo(
            f"{record['format']}: {record['path']} ({size_text(record['size'])}; {difference} "
            f"from the Keras model on {record['samples']} samples)"
        )
