"""`modelforge train`: a spec becomes a trained, exported model in a run folder of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelforge.cli.options import json_option, large_option, set_option, trust_option
from modelforge.cli.results import tell_dry_run
from modelforge.cli.tell import tell
from modelforge.findings import Findings, ModelForgeError

if TYPE_CHECKING:
    from modelforge.cli.together import Worker
    from modelforge.graph import Loaded
    from modelforge.runs import RunFolder
    from modelforge.train import Outcome, Prepared


@click.command("train")
@click.argument("spec", required=False, type=click.Path(allow_dash=True))
@set_option
@trust_option
@click.option("--run", "at", metavar="DIR", help="Write the run exactly here.")
@click.option("--runs", default="runs", show_default=True, help="The folder of all runs.")
@click.option("--name", help="The run's name in that folder; the spec's name if left out.")
@click.option(
    "--resume",
    metavar="[RUN]",
    is_flag=False,
    flag_value="latest",
    help="Go on with a run: its folder, its id, its name (its newest run), or `latest`.",
)
@click.option(
    "--allow",
    multiple=True,
    metavar="PATH",
    help="With --resume: let the run go on although this differs, e.g. train.optimizer.",
)
@click.option("--dry-run", is_flag=True, help="Do everything up to the first step.")
@click.option(
    "--workers", type=click.IntRange(1, 64), metavar="N", help="Train with N processes, here."
)
@click.option(
    "--restarts",
    type=click.IntRange(0, 1000),
    default=0,
    metavar="N",
    help="Start all workers again, up to N times, when one was lost.",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@large_option
@json_option
@click.option("-v", "--verbose", is_flag=True, help="Show TensorFlow's own messages.")
@click.pass_context
def command(context: click.Context, /, spec: str | None, **options: Any) -> int:
    """Train SPEC, save the best and the final model, and export what the spec asks for.

    With --resume no SPEC is needed: the run has its own. A SPEC that is given has to be the one of
    the run, but for what --allow names; --set changes epochs and callbacks without it.
    """
    from modelforge.cli.together import as_worker, supervised

    with as_worker() as worker:
        spec, folder = _resumed(spec, options)
        findings = Findings()
        # A run that was begun has been allowed.
        large = options["allow_large"] or folder is not None
        loaded = _load(spec, options["overrides"], findings, large)
        code = supervised(context, loaded, worker)
        if code is None:
            _run(loaded, folder, worker, findings, options)
    return code or 0


def _run(
    loaded: Loaded,
    folder: RunFolder | None,
    worker: Worker,
    findings: Findings,
    options: dict[str, Any],
) -> None:
    """Everything that needs TensorFlow. folder: the run to go on with."""
    from modelforge.cli.tensorflow import import_tensorflow

    if not options["verbose"]:
        worker.hush()
    import_tensorflow(options["verbose"])
    from modelforge.train import disk_told, prepare, train

    prepared = prepare(loaded, findings)
    if worker.talks:
        tell(findings.warnings)
    if options["dry_run"]:
        if worker.talks:
            tell_dry_run(prepared, options["as_json"])
        return
    with disk_told():
        new = folder or worker.scratch() or _new_folder(prepared, options)
        worker.begin(new)
        if not worker.talks:
            train(prepared, new, resume=folder is not None, allow=options["allow"])
            return
        outcome = _train(prepared, new, options, resume=folder is not None)
        exports = _export(outcome, prepared)
        _report(outcome, prepared)
    _tell(outcome, exports, options["as_json"])


def _resumed(spec: str | None, options: dict[str, Any]) -> tuple[str | None, RunFolder | None]:
    """The spec to train, and the run to go on with (None for a new one)."""
    from modelforge.runs import find_run
    from modelforge.runs.plugins import check_plugins

    wanted = options["resume"]
    if wanted is None:
        if spec is None:
            raise click.UsageError("Name a SPEC to train, or a run to --resume.")
        if options["allow"]:
            raise click.UsageError("--allow belongs to --resume.")
        return spec, None
    if spec is None and Path(wanted).is_file():  # `--resume spec.yaml` takes it for a run
        spec, wanted = wanted, "latest"
    if options["at"] or (options["name"] and wanted != "latest"):
        raise click.UsageError("--resume goes on in the run's own folder: leave out --run, --name.")
    name = options["name"] or (_name_of(spec) if spec else None)
    folder = find_run(wanted, Path(options["runs"]), name)
    check_plugins(folder)
    return spec or str(folder.resolved), folder


def _name_of(spec: str) -> str:
    return str(_load(spec, (), Findings(), True).spec.name)


def _load(
    path: str | None, overrides: tuple[str, ...], findings: Findings, allow_large: bool
) -> Any:
    from modelforge.graph import load

    assert path is not None
    loaded = load(path, overrides, findings, allow_large=allow_large)
    if loaded is None:
        findings.stop_on_errors()
    return loaded


def _new_folder(prepared: Prepared, options: dict[str, Any]) -> RunFolder:
    from modelforge.runs import RunFolder

    if at := options["at"]:
        # A name that begins with a dash would be an option of every command that is told next.
        return RunFolder.create_at(Path(at).absolute() if at.startswith("-") else Path(at))
    return RunFolder.create(Path(options["runs"]), options["name"] or prepared.spec.name)


def _train(
    prepared: Prepared, folder: RunFolder, options: dict[str, Any], *, resume: bool
) -> Outcome:
    from modelforge.report import write_report
    from modelforge.runs import read_history
    from modelforge.train import finished, reporter_for, train

    reporter = reporter_for(sys.stderr, quiet=options["quiet"])
    reporter.note(f"run folder: {folder.path}")
    try:
        return train(prepared, folder, reporter, resume=resume, allow=options["allow"])
    except ModelForgeError as error:
        done = error.findings[0].rule == "nothing-to-do"
        if done and not folder.report.exists():  # it was killed while it exported or reported
            reporter.note("training is done; what comes after it is done now")
            return finished(prepared, folder)
        # What was reached before a stop or a divergence is worth a page as well.
        if read_history(folder.path):
            write_report(folder)
        raise


def _export(outcome: Outcome, prepared: Prepared) -> list[dict[str, Any]]:
    if not prepared.spec.export:
        return []
    from modelforge.export import export_run

    findings = Findings()
    done = export_run(outcome.folder, prepared.spec.export, findings)
    tell(findings.warnings)
    findings.stop_on_errors()
    return [dict(item) for item in done]


def _report(outcome: Outcome, prepared: Prepared) -> None:
    """Measures the best model on data that it was not trained on, and writes the run's page."""
    from modelforge.evaluate import evaluate_run, open_run
    from modelforge.report import write_report

    if prepared.bundle.validation or prepared.bundle.test:
        evaluate_run(open_run(outcome.folder), None, Findings(), prepared.bundle)
    write_report(outcome.folder)


def _tell(outcome: Outcome, exports: list[dict[str, Any]], as_json: bool) -> None:
    from modelforge.cli.results import as_dict, as_table

    if as_json:
        click.echo(json.dumps(as_dict(outcome, exports), indent=2))
    else:
        click.echo(as_table(outcome, exports), nl=False)
