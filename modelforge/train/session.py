"""A run from its first step to its last, and whatever may come between."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import keras

from modelforge.findings import Finding, ModelForgeError, Stopped, refuse
from modelforge.graph.graph import saved_files
from modelforge.runs import RunFolder, RunState, resolved_yaml
from modelforge.runs.files import write_json
from modelforge.runs.plugins import keep_plugins, with_kept_plugins
from modelforge.train.callbacks import make_callbacks, restored_epoch
from modelforge.train.environment import describe_environment
from modelforge.train.position import Position
from modelforge.train.prepare import Prepared
from modelforge.train.progress import Reporter, Silent
from modelforge.train.recorder import Recorder, StopNow, save_model
from modelforge.train.stop import StopRequest
from modelforge.train.trouble import explain


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
) -> Outcome:
    """Trains into the folder; a stop, a loss that is no number, a lost resource are raised."""
    reporter = reporter or Silent()
    recorder = Recorder(prepared.model, folder, _first_state(prepared, folder, resume), reporter)
    start = _start(prepared, recorder) if resume else Position()
    _write_beginning(prepared, folder, resume)
    recorder.stop = StopRequest(_say_stopping(recorder))
    try:
        with recorder.stop, _state_on_failure(recorder, prepared):
            return _run(prepared, recorder, reporter, start)
    finally:
        reporter.end()


def _start(prepared: Prepared, recorder: Recorder) -> Position:
    """Where a resumed run goes on, its variables restored."""
    start = recorder.checkpoints.restore(prepared.model, recorder.say)
    if start is None:
        raise refuse(
            "no-checkpoint",
            f"the run `{recorder.folder.path}` has no checkpoint to resume from",
            notes=["it ended before its first epoch did: train the spec anew"],
        )
    for item in prepared.train.callbacks:
        if item.name == "SwapEMAWeights" and not start.step:
            # The checkpoint of a whole epoch holds the averages in the place of the weights, and
            # a new callback does not know that it has to swap them back.
            raise refuse(
                "resume-swapped",
                "a run with `SwapEMAWeights` cannot be resumed between two epochs yet",
                item.span,
                notes=["train the spec anew; without the callback a run can be resumed"],
            )
    if start.epoch >= prepared.epochs:
        raise refuse(
            "nothing-to-do",
            f"this run has done its {start.epoch} epochs",
            prepared.train.span_of("epochs"),
            notes=[f"for more of them: --set train.epochs={start.epoch * 2}"],
        )
    recorder.begin(start)
    recorder.say(
        f"resuming after {start}: weights, optimizer and position are restored; "
        "callbacks such as EarlyStopping start anew"
    )
    return start


def _run(prepared: Prepared, recorder: Recorder, reporter: Reporter, start: Position) -> Outcome:
    recorder.folder.set_state(recorder.state)
    made = make_callbacks(prepared.train.callbacks, recorder.folder.path)
    callbacks = [callback for _, callback in made]
    steps = prepared.bundle.train.steps
    listed = keras.callbacks.CallbackList(
        callbacks, add_history=True, model=prepared.model, epochs=prepared.epochs, steps=steps
    )
    reporter.begin(prepared.epochs, steps, start)
    prepared.execution.run(listed, recorder, start, prepared.epochs)
    save_model(prepared.model, recorder.folder.final)
    restored = restored_epoch(callbacks)
    if restored == recorder.state.epochs:
        restored = None  # the best epoch was the last: nothing was taken back
    recorder.finish(state="finished", ended=_now(), restored_epoch=restored)
    if restored is not None:
        recorder.say(f"EarlyStopping restored the weights of epoch {restored}")
    return Outcome(recorder.folder, recorder.state, prepared.model)


def _first_state(prepared: Prepared, folder: RunFolder, resume: bool) -> RunState:
    monitor = "val_loss" if prepared.bundle.validation is not None else "loss"
    fresh = RunState("running", started=_now(), planned_epochs=prepared.epochs, monitor=monitor)
    before = folder.state() if resume else None
    if before is None:
        return fresh
    if before.alive:
        raise refuse(
            "run-in-use",
            f"the run `{folder.path}` is still running, as process {before.pid} on {before.host}",
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


def _write_beginning(prepared: Prepared, folder: RunFolder, resume: bool) -> None:
    """Everything that is known before the first step."""
    if not resume:
        folder.keep_spec(prepared.loaded.source, prepared.loaded.extended)
        plugins = prepared.loaded.vocabulary.plugins
        keep_plugins(folder, {file.path: file.content for file in plugins})
    kept = folder.keep_models(saved_files(prepared.graph))
    spec = prepared.spec if resume else with_kept_plugins(prepared.spec)
    root = prepared.root.resolve()
    folder.keep_resolved(resolved_yaml(spec, root, prepared.loaded.catalog, kept))
    write_json(folder.environment, describe_environment(prepared.placement, prepared.root))
    write_json(folder.data, prepared.bundle.manifest)


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
            recorder.finish(state="failed", reason=str(told or error), ended=_now())
        if told is None:
            raise
        raise told from None


def _stopped(recorder: Recorder, position: Position) -> ModelForgeError:
    recorder.checkpoints.save(recorder.model, position)
    name = recorder.stop.name if recorder.stop else ""
    recorder.finish(state="interrupted", reason=f"stopped by {name} after {position}", ended=_now())
    path = recorder.folder.path
    return Stopped(
        [
            Finding(
                "stopped",
                f"stopped by {name} after {position}; everything is saved",
                severity="warning",
                notes=(f"go on with: modelforge train --resume {path}",),
            )
        ]
    )


def _say_stopping(recorder: Recorder) -> Any:
    return lambda name: recorder.say(
        f"{name}: finishing this step and saving; once more leaves at once"
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
