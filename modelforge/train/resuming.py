"""Where a run goes on: at a checkpoint that is its own and fits, with something left to be done."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace

from modelforge.findings import counted, refuse
from modelforge.runs import RunFolder
from modelforge.spec import Phase
from modelforge.train.beginning import fingerprint_of
from modelforge.train.checkpoints import Checkpoints, Snapshot
from modelforge.train.checkpoints.allowed import misspelt, unneeded
from modelforge.train.checkpoints.fingerprint import (
    changes,
    is_rate,
    machine_changes,
    refuse_changes,
)
from modelforge.train.checkpoints.keeper import moved
from modelforge.train.checkpoints.names import named_variables
from modelforge.train.checkpoints.phases_done import numbered
from modelforge.train.checkpoints.snapshot import phase_of
from modelforge.train.checkpoints.store import DAMAGED
from modelforge.train.checkpoints.variables import check_variables, with_new_rates
from modelforge.train.prepare import Prepared
from modelforge.train.stage import Stage


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
    allow = [numbered(path, prepared.spec) for path in allow]
    number, stage = phase_of(snapshot), _stage_of(prepared, snapshot)
    current = fingerprint_of(prepared)
    found = changes(snapshot.fingerprint, current, prepared.loaded, allow, number)
    wrong = misspelt(allow, snapshot.fingerprint, current, prepared.loaded.catalog)
    refuse_changes(found, str(folder.path), wrong)
    for path in unneeded(allow, found):
        say(f"--allow {path} is not needed: nothing differs there")
    for change in found:
        say(f"changed: {change.message}")
    for line in machine_changes(snapshot.fingerprint, current):
        say(f"another machine: {line}; the rest will not be the same to the last bit")
    if number:
        stage.enter()
    variables = named_variables(prepared.model)
    if any(is_rate(change, prepared.train.item_of(number)) for change in found):
        # The checkpoint's own would undo what has just been allowed.
        snapshot = replace(snapshot, variables=with_new_rates(snapshot.variables, variables))
    check_variables(variables, snapshot.variables, snapshot.path)
    snapshot = moved(snapshot, stage.bundle.train.batch_size)
    return _with_more_to_do(prepared, stage, folder, snapshot, bool(found))


def _stage_of(prepared: Prepared, snapshot: Snapshot) -> Stage:
    """The phase that the run is in; refused where the spec no longer has so many."""
    number = phase_of(snapshot)
    if number < len(prepared.stages):
        return prepared.stages[number]
    name = snapshot.state["recorder"]["phases"][number]["name"]
    raise refuse(
        "phase-gone",
        f"this run is in its phase `{name}`, and the spec has "
        f"{counted(len(prepared.stages), 'phase')}",
        prepared.train.span_of("phases"),
        notes=["phases may be added after the last one, and not be taken away"],
    )


def _with_more_to_do(
    prepared: Prepared, stage: Stage, folder: RunFolder, snapshot: Snapshot, changed: bool
) -> Snapshot:
    """The checkpoint, told to go on where a change was allowed; refused where all is done."""
    epochs, state = snapshot.position.epoch, folder.state()
    if state is None or state.state != "finished" or stage is not prepared.stages[-1]:
        return snapshot  # another phase may have been added to a finished run
    begun = snapshot.state["recorder"].get("phases") or [{"before": 0}]
    own, train = epochs - begun[-1]["before"], stage.train
    if own >= stage.epochs:
        raise refuse(
            "nothing-to-do",
            f"this run has done its {epochs} epochs",
            train.span_of("epochs"),
            notes=[_more_epochs(stage, own)],
        )
    stopping = snapshot.state["stopping"]
    if stopping and not changed:
        raise refuse(
            "nothing-to-do",
            f"this run was ended by a callback after {epochs} of its "
            f"{epochs - own + stage.epochs} epochs",
            train.span_of("callbacks"),
            notes=[_more_patience(stage.phase)],
        )
    if stopping:
        return replace(snapshot, state={**snapshot.state, "stopping": False})
    return snapshot


def _more_epochs(stage: Stage, done: int) -> str:
    """How a run is given as many epochs again as its last phase has done."""
    whole = (stage.phase.whole or stage.phase).train.epochs
    assert isinstance(whole, int)
    more = whole - stage.epochs + 2 * done
    return f"for more of them: --set {stage.phase.path}.epochs={more}"


def _more_patience(phase: Phase) -> str:
    """How a run that a callback has ended is given more epochs."""
    where = phase.path if "callbacks" in phase.own else "train"
    for index, callback in enumerate(phase.train.callbacks):
        if callback.name == "EarlyStopping":
            patience = callback.arguments.get("patience", 0)
            more = max(5, 2 * patience) if isinstance(patience, int) else 5
            path = f"{where}.callbacks.{index}.EarlyStopping.patience"
            return f"give it more patience: --set {path}={more}"
    return f"change the callback that has ended it, in `{where}.callbacks`"


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
