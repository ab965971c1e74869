"""A run from its first step to its last, and whatever may come between."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras

from modelforge.findings import Finding, ModelForgeError, Stopped
from modelforge.runs import RunFolder, RunState
from modelforge.runs.files import remove_parts
from modelforge.runs.lock import locked
from modelforge.train.beginning import (
    check_folder,
    find_checkpoint,
    fingerprint_of,
    first_state,
    now,
    write_beginning,
)
from modelforge.train.callbacks import make_callbacks, restored_epoch
from modelforge.train.checkpoints import Checkpoints, Snapshot
from modelforge.train.checkpoints.callbacks import CallbackStates
from modelforge.train.checkpoints.due import Due
from modelforge.train.checkpoints.keeper import Keeper
from modelforge.train.execute import NotFinite
from modelforge.train.position import Position
from modelforge.train.prepare import Prepared
from modelforge.train.progress import Reporter, Silent
from modelforge.train.rate_lowering import lower_rate
from modelforge.train.recorder import Recorder, StopNow, save_model
from modelforge.train.stop import StopRequest
from modelforge.train.strategy import Placement
from modelforge.train.terminal import Surviving
from modelforge.train.trouble import explain
from modelforge.train.watched import Steady
from modelforge.workers import found_cluster, supervisor_link


@dataclass(frozen=True)
class Outcome:
    """What a finished run came to."""

    folder: RunFolder
    state: RunState
    model: keras.Model


def train(
    prepared: Prepared,
    folder: RunFolder,
    reporter: Reporter | None = None,
    *,
    resume: bool = False,
    allow: Sequence[str] = (),
) -> Outcome:
    """Trains into the folder; a stop, a loss that is no number, a lost resource are raised.

    resume: goes on from the newest checkpoint there. allow: differences from the run as it was
    begun that are allowed, by path, each with all below it.
    """
    with _place(prepared, folder) as own, Surviving(reporter or Silent(), own.say) as reporter:
        link = supervisor_link() if prepared.placement.workers > 1 else None
        state = first_state(prepared, folder, resume, allow)
        recorder = _recorder(prepared, folder, own, reporter, state)
        start = _start(prepared, recorder, folder, allow) if resume else None
        if link is not None:
            link.compare({"the checkpoint": str(start.position) if start else "none"})
        write_beginning(prepared, own, resume)
        recorder.stop = StopRequest(_say_stopping(recorder))
        if link is not None:
            link.hear_of_stops(recorder.stop.ask)
        try:
            with recorder.stop, _state_on_failure(recorder, prepared):
                return _run(prepared, recorder, reporter, start)
        finally:
            reporter.end()


def finished(prepared: Prepared, folder: RunFolder) -> Outcome:
    """What a run came to that has been trained before; its model is in the folder only."""
    state = folder.state()
    assert state is not None and state.state == "finished"
    return Outcome(folder, state, prepared.model)


@contextlib.contextmanager
def _place(prepared: Prepared, folder: RunFolder) -> Iterator[RunFolder]:
    """The folder to write to: the run's, locked; of other workers than the chief one to forget."""
    if prepared.placement.chief:
        with locked(folder):
            yield folder
        return
    with tempfile.TemporaryDirectory() as scratch:
        yield RunFolder(Path(scratch))


def _recorder(
    prepared: Prepared, run: RunFolder, own: RunFolder, reporter: Reporter, state: RunState
) -> Recorder:
    asked = prepared.train.checkpoint
    keeper = Keeper(
        prepared.model,
        prepared.placement,
        Checkpoints(run.checkpoints, asked.keep),
        fingerprint_of(prepared),
        prepared.bundle.train.batch_size,
        prepared.bundle.train.size,
    )
    check_folder(own, keeper.bytes_needed())
    if prepared.placement.chief:
        remove_parts(run.path)
    recorder = Recorder(keeper, own, state, reporter, Due(asked), prepared.execution.steps.agree)
    keeper.say = recorder.say
    return recorder


def _start(
    prepared: Prepared, recorder: Recorder, run: RunFolder, allow: Sequence[str]
) -> Snapshot | None:
    """Where a resumed run goes on; None where it begins anew."""
    checkpoints = recorder.keeper.checkpoints
    snapshot = find_checkpoint(prepared, checkpoints, run, allow, recorder.say)
    if snapshot is None:
        return None
    recorder.say(f"resuming after {snapshot.position}")
    return snapshot


def _run(
    prepared: Prepared, recorder: Recorder, reporter: Reporter, start: Snapshot | None
) -> Outcome:
    recorder.folder.set_state(recorder.state)
    position = start.position if start else Position()
    for line in prepared.execution.frozen.lines():
        recorder.say(line)
    reporter.begin(prepared.epochs, prepared.bundle.train.steps, position)
    while True:
        callbacks = _callbacks(prepared, recorder, start)
        try:
            if start is None and prepared.train.on_divergence.restore:
                recorder.save(position)  # there has to be something to go back to
            prepared.execution.run(callbacks, recorder, position, prepared.epochs)
            break
        except NotFinite as problem:
            start = _go_back(prepared, recorder, problem)
            position = start.position
    return _finish(prepared, recorder, callbacks)


def _callbacks(
    prepared: Prepared, recorder: Recorder, start: Snapshot | None
) -> keras.callbacks.CallbackList:
    """New callbacks, and with them what a checkpoint says of the run so far."""
    if start is not None:
        recorder.resume_from(start)
    made = make_callbacks(prepared.train.callbacks, recorder.folder.path)
    link = supervisor_link() if prepared.placement.workers > 1 else None
    listed = keras.callbacks.CallbackList(
        [*([Steady(link)] if link else []), *(callback for _, callback in made)],
        add_history=True,
        model=prepared.model,
        epochs=prepared.epochs,
        steps=prepared.bundle.train.steps,
    )
    states = recorder.keeper.callbacks = CallbackStates(listed.callbacks, recorder.say)
    if start is not None:
        states.prepare(start.state["callbacks"])
    return listed


def _go_back(prepared: Prepared, recorder: Recorder, problem: NotFinite) -> Snapshot:
    """The last checkpoint, with a lower rate; raises the problem where it may not go back again."""
    asked = prepared.train.on_divergence
    restores = recorder.state.restores + 1
    if restores > asked.restore:
        raise problem
    checkpoints = recorder.keeper.checkpoints
    # Where it came no further than the last time, the weights were on a wrong way by then.
    before = recorder.went_back_to
    snapshot = checkpoints.newest(recorder.say)
    if snapshot is not None and snapshot.position == before:
        snapshot = checkpoints.newest(recorder.say, before) or snapshot
    if snapshot is None:
        raise problem
    recorder.went_back_to = snapshot.position
    recorder.keeper.put_variables(snapshot)
    rate = lower_rate(prepared.model.optimizer, asked.learning_rate)
    kept = {**snapshot.state["recorder"], "restores": restores}
    snapshot = replace(
        snapshot,
        variables=recorder.keeper.read(snapshot.position),
        state={**snapshot.state, "recorder": kept},
    )
    prepared.execution.steps.agree(0)  # every worker has read the old one by now
    recorder.keeper.save(snapshot)  # so that a kill does not undo it
    if prepared.placement.chief:
        checkpoints.remove_after(snapshot.position)
    recorder.say(
        f"the loss is no number after {problem.position}: back to {snapshot.position} with "
        f"learning rate {rate:.6g} ({restores} of {asked.restore})"
    )
    return snapshot


def _finish(prepared: Prepared, recorder: Recorder, listed: Any) -> Outcome:
    save_model(prepared.model, recorder.folder.final)
    restored = restored_epoch(listed.callbacks)
    if restored == recorder.state.epochs:
        restored = None  # the best epoch was the last: nothing was taken back
    recorder.finish(state="finished", ended=now(), restored_epoch=restored)
    if restored is not None:
        recorder.say(f"EarlyStopping restored the weights of epoch {restored}")
    return Outcome(recorder.folder, recorder.state, prepared.model)


@contextlib.contextmanager
def _state_on_failure(recorder: Recorder, prepared: Prepared) -> Iterator[None]:
    """Sees to it that `state.json` tells how a run ended that did not finish."""
    try:
        yield
    except StopNow as stop:
        raise _stopped(recorder, stop.position) from None
    except Exception as error:
        told = explain(error, prepared.train, prepared.bundle)
        # On a full disk the state cannot be written either; the message must still come out.
        with contextlib.suppress(OSError):
            recorder.finish(state="failed", reason=str(told or error), ended=now())
        if told is None:
            raise
        raise told from None


def _stopped(recorder: Recorder, position: Position) -> ModelForgeError:
    # Where another worker was asked, the word of it may come later than the agreement.
    name = (recorder.stop.name if recorder.stop else "") or "a signal to another worker"
    recorder.finish(state="interrupted", reason=f"stopped by {name} after {position}", ended=now())
    again = _again(recorder.folder, recorder.keeper.placement)
    return Stopped(
        [
            Finding(
                "stopped",
                f"stopped by {name} after {position}; everything is saved",
                severity="warning",
                notes=(again,),
            )
        ]
    )


def _again(folder: RunFolder, placement: Placement) -> str:
    """With which command a stopped run goes on as it was."""
    command = f"modelforge train --resume {folder.path}"
    if placement.workers == 1:
        return f"go on with: {command}"
    cluster = found_cluster(os.environ)
    if cluster is not None and cluster.here:
        return f"go on with: {command} --workers {placement.workers}"
    return f"go on, on every worker, with: {command}"


def _say_stopping(recorder: Recorder) -> Any:
    return lambda name: recorder.say(
        f"{name}: finishing this step and saving; once more leaves at once"
    )
