"""`modelforge runs`: what has been run, oldest first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelforge.cli.options import json_option

if TYPE_CHECKING:
    from modelforge.runs import RunFolder, RunState

_COLUMNS = ("name", "run", "state", "epochs", "best", "value", "started")


@click.command("runs")
@click.argument("folder", required=False, type=click.Path())
@json_option
def command(folder: str | None, as_json: bool) -> None:
    """List the runs in FOLDER (`runs` if left out)."""
    from modelforge.findings import refuse
    from modelforge.runs import list_runs

    if folder is not None and not Path(folder).is_dir():
        raise refuse("no-run", f"there is no folder `{folder}`")
    place = folder or "runs"
    rows = [_row(run) for run in list_runs(Path(place))]
    if as_json:
        click.echo(json.dumps({"schema_version": 1, "runs": rows}, indent=2))
    elif rows:
        click.echo(_table(rows), nl=False)
    else:
        click.echo(f"no runs in `{place}` yet; `modelforge train SPEC` makes one", err=True)


def _row(run: RunFolder) -> dict[str, Any]:
    state = run.state()
    row: dict[str, Any] = {"name": run.name, "run": run.id, "path": str(run.path)}
    if state is None:
        return {**row, "state": "unreadable"}
    return {
        **row,
        "state": state.state if state.alive or state.state != "running" else "died",
        "reason": state.reason,
        "epochs": state.epochs,
        "planned_epochs": state.planned_epochs,
        "monitor": state.monitor,
        "best_epoch": state.best_epoch,
        "best": dict(state.best),
        **_phases(state),
        "started": state.started,
        "seconds": state.seconds,
    }


def _table(rows: list[dict[str, Any]]) -> str:
    cells = [_COLUMNS, *(_cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(_COLUMNS))]
    lines = ("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in cells)
    return "".join(line.rstrip() + "\n" for line in lines)


def _phases(state: RunState) -> dict[str, Any]:
    if not state.phases:
        return {}
    best = state.phase_of(state.best_epoch) if state.best_epoch is not None else None
    return {"best_phase": best, "phases": [dict(phase) for phase in state.phases]}


def _best(row: dict[str, Any]) -> str:
    if not row.get("best_epoch"):
        return "-"
    phase = row.get("best_phase")
    return f"epoch {row['best_epoch']}" + (f" ({phase})" if phase else "")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    best = row.get("best") or {}
    monitor = str(row.get("monitor", ""))
    return (
        row["name"],
        row["run"],
        row["state"],
        f"{row.get('epochs', 0)}/{row.get('planned_epochs', 0)}",
        _best(row),
        f"{monitor} {best[monitor]:.4g}" if monitor in best else "-",
        str(row.get("started", ""))[:19].replace("T", " "),
    )
