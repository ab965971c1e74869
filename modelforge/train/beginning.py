"""Where a run begins: anew, or at a checkpoint that is its own and fits."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from modelforge.findings import Finding, Findings, Lost, refuse
from modelforge.findings.size import size_text
from modelforge.graph.graph import saved_files
from modelforge.graph.names import name_layers
from modelforge.runs import RunFolder, RunState, resolved_yaml
from modelforge.runs.files import write_json, write_text
from modelforge.runs.plugins import keep_plugins, with_kept_plugins
from modelforge.runs.resolved import with_absolute_paths
from modelforge.spec import ModelSection, Object
from modelforge.spec.resolved import Resolved
from modelforge.train.checkpoints import Checkpoints, Snapshot
from modelforge.train.checkpoints.allowed import TAKEOVER, misspelt, unneeded
from modelforge.train.checkpoints.fingerprint import (
    changes,
    fingerprint,
    is_rate,
    machine_changes,
    refuse_changes,
)
from modelforge.train.checkpoints.keeper import moved
from modelforge.train.checkpoints.names import named_variables
from modelforge.train.checkpoints.store import DAMAGED
from modelforge.train.checkpoints.variables import check_variables, with_new_rates
from modelforge.train.environment import describe_environment
from modelforge.train.prepare import Prepared

_ROOM = 3  # checkpoints that have to fit: the one being written, and two that are kept


def first_state(
    prepared: Prepared, folder: RunFolder, resume: bool, allow: Sequence[str]
) -> RunState:
    """The state of a run that begins or goes on; refused where it runs on another machine.

    On this machine the lock of the run folder says who is in it.
    """
    monitor = "val_loss" if prepared.bundle.validation is not None else "loss"
    fresh = RunState("running", started=now(), planned_epochs=prepared.epochs, monitor=monitor)
    before = folder.state() if resume else None
    if before is None:
        return fresh
    # Of several workers the chief alone is in the run, and has perhaps begun already.
    chief = prepared.placement.chief
    if chief and before.state == "running" and before.host != fresh.host and TAKEOVER not in allow:
        raise refuse(
            "run-in-use",
            f"the run `{folder.path}` is still running, as process {before.pid} on {before.host}",
            notes=[f"if that machine is gone: --allow {TAKEOVER}"],
        )
    return replace(
        before,
        state="running",
        reason="",
        ended="",
        planned_epochs=prepared.epochs,
        restored_epoch=None,
        pid=fresh.pid,
        host=fresh.host,
    )


def find_checkpoint(
    prepared: Prepared,
    checkpoints: Checkpoints,
    folder: RunFolder,
    allow: Sequence[str],
    say: Callable[[str], None],
) -> Snapshot | None:
    """The checkpoint from which the run goes on; None where it never came to one.

    Refused where the run is another, where it is done, and where checkpoints were lost.
    """
    snapshot = checkpoints.newest(say)
    if snapshot is None:
        _check_that_none_is_lost(folder)
        say("the run was ended before its first checkpoint: it begins anew")
        return None
    _tell_missing(folder, snapshot, say)
    current = fingerprint_of(prepared)
    found = changes(snapshot.fingerprint, current, prepared.loaded, allow)
    wrong = misspelt(allow, snapshot.fingerprint, current, prepared.loaded.catalog)
    refuse_changes(found, str(folder.path), wrong)
    for path in unneeded(allow, found):
        say(f"--allow {path} is not needed: nothing differs there")
    for change in found:
        say(f"changed: {change.message}")
    for line in machine_changes(snapshot.fingerprint, current):
        say(f"another machine: {line}; the rest will not be the same to the last bit")
    variables = named_variables(prepared.model)
    if any(is_rate(change) for change in found):
        # The checkpoint's own would undo what has just been allowed.
        snapshot = replace(snapshot, variables=with_new_rates(snapshot.variables, variables))
    check_variables(variables, snapshot.variables, snapshot.path)
    snapshot = moved(snapshot, prepared.bundle.train.batch_size)
    return _with_more_to_do(prepared, folder, snapshot, bool(found))


def write_beginning(prepared: Prepared, folder: RunFolder, resume: bool) -> None:
    """Everything that is known before the first step; an earlier report is no longer true."""
    folder.report.unlink(missing_ok=True)
    if not resume:
        folder.keep_spec(prepared.loaded.source, prepared.loaded.extended)
        plugins = prepared.loaded.vocabulary.plugins
        keep_plugins(folder, {file.path: file.content for file in plugins})
    kept = folder.keep_models(saved_files(prepared.graph))
    root = prepared.root.resolve()
    own = root == folder.path.resolve()  # the run's own spec names its plugins where they lie
    spec = prepared.spec if own else with_kept_plugins(prepared.spec)
    folder.keep_resolved(resolved_yaml(spec, root, prepared.loaded.catalog, kept))
    write_json(folder.environment, describe_environment(prepared.placement, prepared.root))
    write_json(folder.data, prepared.bundle.manifest)


def fingerprint_of(prepared: Prepared) -> Mapping[str, Any]:
    """What the run is, and what it runs on."""
    spec = with_absolute_paths(prepared.spec, prepared.root.resolve())
    spec = replace(spec, model=_named(spec.model))
    plain = Resolved(prepared.loaded.catalog).spec(spec)
    # Both lie elsewhere in a run folder: plugins are compared by their content, and the weights
    # of saved models are in the checkpoint.
    plain.pop("plugins", None)
    _drop_model_paths(plain["model"])
    return fingerprint(plain, prepared.loaded, prepared.bundle, prepared.placement)


def check_folder(folder: RunFolder, needed: int) -> None:
    """Refuses a folder that cannot be written, or where so many bytes of a checkpoint do not fit.

    It is found out now and not after the first epoch.
    """
    try:
        for place in (folder.path, folder.checkpoints):
            place.mkdir(exist_ok=True)
            write_text(place / ".writable", "")
            (place / ".writable").unlink()
    except OSError as error:
        raise refuse(
            "run-folder",
            f"the run folder `{folder.path}` cannot be written: {error.strerror or error}",
        ) from None
    usage = shutil.disk_usage(folder.checkpoints)
    if usage.total and usage.free < _ROOM * needed:
        raise Lost(
            [
                Finding(
                    "disk-full",
                    f"the disk has {size_text(usage.free)} left for the run folder "
                    f"`{folder.path}`, and checkpoints need {size_text(_ROOM * needed)}",
                    notes=("make room, or choose another place with --runs FOLDER",),
                )
            ]
        )


def now() -> str:
    """The time for people; nothing is computed from it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _named(model: ModelSection) -> ModelSection:
    """The model with every layer's name, which a spec may leave to ModelForge."""
    names = name_layers(model.inputs or (), model.layers, Findings())
    layers = [
        replace(layer, name=name, model=layer.model and _named(layer.model))
        for layer, name in zip(model.layers, names, strict=True)
    ]
    return replace(model, layers=tuple(layers))


def _drop_model_paths(model: dict[str, Any]) -> None:
    model.get("weights", {}).pop("from", None)
    for layer in model["layers"]:
        if isinstance(layer, dict) and "load" in layer:
            layer["load"].pop("path", None)
        if isinstance(layer, dict) and "model" in layer:
            _drop_model_paths(layer["model"])
        for word in layer.values() if isinstance(layer, dict) else ():
            if isinstance(word, dict) and word.keys() >= {"weights", "include_top"}:
                named = word["weights"] in (None, "imagenet")
                word["weights"] = word["weights"] if named else "file"


def _with_more_to_do(
    prepared: Prepared, folder: RunFolder, snapshot: Snapshot, changed: bool
) -> Snapshot:
    """The checkpoint, told to go on where a change was allowed; refused where all is done."""
    epochs, state = snapshot.position.epoch, folder.state()
    finished = state is not None and state.state == "finished"
    stopping = snapshot.state["stopping"]
    if finished and epochs >= prepared.epochs:
        raise refuse(
            "nothing-to-do",
            f"this run has done its {epochs} epochs",
            prepared.train.span_of("epochs"),
            notes=[f"for more of them: --set train.epochs={epochs * 2}"],
        )
    if finished and stopping and not changed:
        raise refuse(
            "nothing-to-do",
            f"this run was ended by a callback after {epochs} of its {prepared.epochs} epochs",
            prepared.train.span_of("callbacks"),
            notes=[_more_patience(prepared.train.callbacks)],
        )
    if finished and stopping:
        return replace(snapshot, state={**snapshot.state, "stopping": False})
    return snapshot


def _more_patience(callbacks: Sequence[Object]) -> str:
    """How a run that a callback has ended is given more epochs."""
    for index, callback in enumerate(callbacks):
        if callback.name == "EarlyStopping":
            patience = callback.arguments.get("patience", 0)
            more = max(5, 2 * patience) if isinstance(patience, int) else 5
            path = f"train.callbacks.{index}.EarlyStopping.patience"
            return f"give it more patience: --set {path}={more}"
    return "change the callback that has ended it, in `train.callbacks`"


def _check_that_none_is_lost(folder: RunFolder) -> None:
    state = folder.state()
    if state is not None and state.checkpoint:
        raise refuse(
            "no-checkpoint",
            f"the run `{folder.path}` has no checkpoint to resume from",
            notes=[
                "there was one: somebody has removed it",
                "restore it from a backup, or train the spec anew in a run of its own",
            ],
        )


def _tell_missing(folder: RunFolder, snapshot: Snapshot, say: Callable[[str], None]) -> None:
    """Tells where `state.json` knows of a newer checkpoint; their names sort by position."""
    state = folder.state()
    named = state.checkpoint if state is not None else ""
    path = folder.checkpoints / named
    aside = path.with_suffix(DAMAGED)  # it has been told why this one is not taken
    if named > os.path.basename(snapshot.path) and not path.exists() and not aside.exists():
        say(f"the checkpoint {path} is missing; going on from {snapshot.path}")
