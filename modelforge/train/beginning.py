"""What is settled before the first step: the run's state, its folder, what it is known by."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
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
from modelforge.spec import ModelSection
from modelforge.spec.resolved import Resolved
from modelforge.train.checkpoints.allowed import TAKEOVER
from modelforge.train.checkpoints.fingerprint import fingerprint
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


def check_folder(folder: RunFolder, needed: int, *, beside: int = 0) -> None:
    """Refuses a folder that cannot be written, or where so many bytes of a checkpoint do not fit.

    beside: how many files of that size are kept beside the checkpoints.

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
    needed *= _ROOM + beside
    if usage.total and usage.free < needed:
        raise Lost(
            [
                Finding(
                    "disk-full",
                    f"the disk has {size_text(usage.free)} left for the run folder "
                    f"`{folder.path}`, and checkpoints need {size_text(needed)}",
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
