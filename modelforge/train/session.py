"""A run from its first step to its last, and whatever may come between."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras

from modelforge.findings import counted
from modelforge.runs import RunFolder, RunState
from modelforge.runs.files import remove_parts
from modelforge.runs.lock import locked
from modelforge.train.beginning import (
    check_folder,
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
from modelforge.train.ending import say_stopping, state_on_failure
from modelforge.train.execute import NotFinite
from modelforge.train.features.serve import forget_features, serve_features
from modelforge.train.features.unchanged import watch_weights
from modelforge.train.going_back import go_back
from modelforge.train.handover import hand_over
from modelforge.train.position import Position
from modelforge.train.prepare import Prepared
from modelforge.train.progress import Reporter, Silent
from modelforge.train.recorder import Recorder, StopNow, save_model
from modelforge.train.resuming import find_checkpoint
from modelforge.train.steps import Steps
from modelforge.train.stop import StopRequest
from modelforge.train.terminal import Surviving
from modelforge.train.watched import Steady
from modelforge.workers import supervisor_link


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
        recorder.stop = StopRequest(say_stopping(recorder))
        if link is not None:
            link.hear_of_stops(recorder.stop.ask)
        try:
            with recorder.stop, state_on_failure(recorder):
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
    # The best of the phase that runs, and of the one before it.
    check_folder(own, keeper.bytes_needed(), beside=2 if prepared.train.phases else 0)
    if prepared.placement.chief:
        remove_parts(run.path)
    agree = Steps(prepared.model, prepared.placement).agree
    recorder = Recorder(keeper, own, state, reporter, Due(asked), prepared.stages, agree)
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
    """Every phase, from that of the checkpoint on."""
    if start is None:
        recorder.forget()
    recorder.folder.set_state(recorder.state)
    if start is None:
        recorder.begin_phase(0)
        _tell_phase(recorder)
    else:
        recorder.resume_from(start)
        _tell_frozen(recorder)
    while True:
        stage = recorder.stage
        reporter.begin(
            recorder.state.planned_epochs,
            stage.bundle.train.steps,
            start.position if start else Position(recorder.state.epochs),
        )
        listed = _train_stage(prepared, recorder, start)
        if stage is prepared.stages[-1]:
            return _finish(prepared, recorder, listed)
        _next_phase(prepared, recorder)
        start = None


def _train_stage(
    prepared: Prepared, recorder: Recorder, start: Snapshot | None
) -> keras.callbacks.CallbackList:
    """The phase that runs, to its end; gives the callbacks that have watched over it."""
    position = start.position if start else Position(recorder.state.epochs)
    execution = recorder.stage.execution
    while True:
        callbacks = _callbacks(prepared, recorder, start)
        try:
            if start is None and recorder.stage.train.on_divergence.restore:
                recorder.save(position)  # there has to be something to go back to
            feed = partial(_feed, prepared, recorder)
            execution.run(callbacks, recorder, position, recorder.ends, feed)
            return callbacks
        except NotFinite as problem:
            start = go_back(recorder, problem)
            position = start.position
            recorder.resume_from(start)


def _feed(prepared: Prepared, recorder: Recorder, position: Position) -> None:
    """Has the phase begin with what is the same for a sample in all its epochs."""
    plan = recorder.stage.features
    if plan is None:
        return
    alone = prepared.placement.workers == 1
    link = None if alone else supervisor_link()

    def computed() -> None:
        if link is not None:
            link.steps += 1  # it does not stand still
        # Several workers have to agree, and do so after the first step.
        if alone and recorder.stop is not None and recorder.stop.name:
            recorder.save(position)
            raise StopNow(position)

    serve_features(recorder, plan, computed)


def _next_phase(prepared: Prepared, recorder: Recorder) -> None:
    """The phase after the one that is over begins, with what it takes over."""
    before = recorder.stage
    stage = prepared.stages[before.number + 1]
    recorder.agree(0)  # the chief has written the best weights by now
    position = Position(recorder.state.epochs)
    taken = hand_over(before, stage, recorder.keeper, position, recorder.agree)
    before.execution.forget()
    forget_features(recorder.folder)
    recorder.begin_phase(stage.number)
    _tell_phase(recorder, f"; {taken}")


def _tell_phase(recorder: Recorder, taken: str = "") -> None:
    stage, before = recorder.stage, recorder.state.epochs
    if stage.name:
        ends = counted(stage.epochs, "epoch")
        recorder.say(f"phase {stage.name}: {ends} from epoch {before + 1}{taken}")
    _tell_frozen(recorder)


def _tell_frozen(recorder: Recorder) -> None:
    for line in (*recorder.stage.frozen.lines(), *recorder.stage.rates.lines()):
        recorder.say(line)


def _callbacks(
    prepared: Prepared, recorder: Recorder, start: Snapshot | None
) -> keras.callbacks.CallbackList:
    """New callbacks, and with them what a checkpoint says of the run so far."""
    stage = recorder.stage
    before = recorder.ends - stage.epochs
    made = make_callbacks(stage.train.callbacks, recorder.folder.path, before)
    own = [callback for _, callback in made]
    watching = watch_weights(stage.execution, stage.features, own)
    link = supervisor_link() if prepared.placement.workers > 1 else None
    listed = keras.callbacks.CallbackList(
        [*([Steady(link)] if link else []), *own, *watching],
        add_history=True,
        model=prepared.model,
        epochs=recorder.ends,
        steps=stage.bundle.train.steps,
    )
    states = recorder.keeper.callbacks = CallbackStates(listed.callbacks, recorder.say)
    if start is not None:
        states.prepare(start.state["callbacks"])
    return listed


def _finish(prepared: Prepared, recorder: Recorder, listed: Any) -> Outcome:
    save_model(prepared.model, recorder.folder.final)
    forget_features(recorder.folder)
    restored = restored_epoch(listed.callbacks)
    if restored == recorder.state.epochs:
        restored = None  # the best epoch was the last: nothing was taken back
    recorder.finish(state="finished", ended=now(), restored_epoch=restored)
    if restored is not None:
        recorder.say(f"EarlyStopping restored the weights of epoch {restored}")
    return Outcome(recorder.folder, recorder.state, prepared.model)
