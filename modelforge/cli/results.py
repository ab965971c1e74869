"""What a finished training shows: the best and the last epoch's values, and what comes next."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from modelforge.findings import counted
from modelforge.findings.size import size_text

if TYPE_CHECKING:
    from modelforge.train import Outcome, Prepared
    from modelforge.train.stage import Stage

SCHEMA_VERSION = 1


def as_dict(outcome: Outcome, exports: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The result as a program reads it."""
    state = outcome.state
    return {
        "schema_version": SCHEMA_VERSION,
        "run": str(outcome.folder.path),
        "state": state.state,
        "epochs": state.epochs,
        "monitor": state.monitor,
        "best_epoch": state.best_epoch,
        "best": dict(state.best),
        "final": dict(state.final),
        "restored_epoch": state.restored_epoch,
        "seconds": state.seconds,
        **({"phases": [dict(it) for it in state.phases]} if state.phases else {}),
        "exports": [dict(item) for item in exports],
    }


def as_table(outcome: Outcome, exports: Sequence[Mapping[str, Any]]) -> str:
    """The result as people read it."""
    state, path = outcome.state, outcome.folder.path
    lines = [*_values(state.best_epoch, state.best, state.epochs, state.final), ""]
    if state.restored_epoch is not None:
        lines.append(
            f"final.keras holds the weights of epoch {state.restored_epoch}, restored by "
            "EarlyStopping"
        )
    lines.append(f"run       {path}")
    if state.best_epoch is not None:
        phase = state.phase_of(state.best_epoch)
        told = f"epoch {state.best_epoch}{f' of {phase}' if phase else ''}, {state.monitor}"
        lines.append(f"best      {outcome.folder.best}  ({told})")
    lines.append(f"final     {outcome.folder.final}")
    lines.append(f"report    {path / 'report.html'}")
    lines += [_export(item) for item in exports]
    lines += ["", f"next: modelforge evaluate {path}"]
    if not exports:
        lines.append(f"      modelforge export {path} SavedModel")
    return "\n".join(lines) + "\n"


def _values(
    best_epoch: int | None, best: Mapping[str, float], epochs: int, final: Mapping[str, float]
) -> list[str]:
    names = [name for name in final if name != "learning_rate"]
    width = max([len(name) for name in names] + [5])
    head = f"{'':{width}}  {f'best (epoch {best_epoch})':>16}  {f'last (epoch {epochs})':>16}"
    rows = [
        f"{name:{width}}  {_number(best.get(name)):>16}  {_number(final.get(name)):>16}"
        for name in names
    ]
    return [head.rstrip(), *rows]


def _number(value: float | None) -> str:
    from modelforge.train.progress import number

    return "-" if value is None else number(value)


def _export(item: Mapping[str, Any]) -> str:
    size = int(item.get("size") or 0)
    difference = item.get("max_difference")
    told = f", differs by at most {difference:.1e}" if isinstance(difference, float) else ""
    return f"exported  {item.get('path')}  ({item.get('format')}, {size_text(size)}{told})"


def tell_dry_run(prepared: Prepared, as_json: bool) -> None:
    """Says what would be trained."""
    train, steps = prepared.bundle.train, prepared.bundle.train.steps
    parameters, placement = prepared.model.count_params(), prepared.placement
    if as_json:
        facts = {"samples": train.size, "steps_per_epoch": steps, "parameters": parameters}
        where = {"strategy": placement.name, "workers": placement.workers}
        told = {"schema_version": SCHEMA_VERSION, **facts, **where, "values": list(prepared.names)}
        if prepared.train.phases:
            told["phases"] = [_phase(stage) for stage in prepared.stages]
        click.echo(json.dumps(told))
        return
    epochs = counted(prepared.epochs, "epoch")
    click.echo(f"ready to train {counted(parameters, 'parameter')} for {epochs}")
    click.echo(f"{counted(train.size, 'sample')} in {counted(steps, 'step')} per epoch")
    if placement.workers > 1:
        devices = counted(placement.replicas, "device")
        click.echo(f"{counted(placement.workers, 'worker')} with {devices}: {placement.name}")
    for stage in prepared.stages if prepared.train.phases else ():
        at, it = f"phase {stage.name}", _phase(stage)
        click.echo(
            f"{at}: {counted(stage.epochs, 'epoch')} of {counted(it['steps_per_epoch'], 'step')}, "
            f"{counted(it['trained_parameters'], 'parameter')} trained"
        )
    click.echo(f"values: {', '.join(prepared.names)}")


def _phase(stage: Stage) -> dict[str, Any]:
    """What a dry run tells of a phase."""
    counts = stage.frozen.total
    return {
        "name": stage.name,
        "epochs": stage.epochs,
        "steps_per_epoch": stage.bundle.train.steps,
        "trained_parameters": counts.parameters - counts.frozen_parameters,
    }
