"""How a run ends that does not finish: what people are told, and what `state.json` says."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from modelforge.findings import Finding, ModelForgeError, Stopped
from modelforge.runs import RunFolder
from modelforge.train.beginning import now
from modelforge.train.position import Position
from modelforge.train.recorder import Recorder, StopNow
from modelforge.train.strategy import Placement
from modelforge.train.trouble import explain
from modelforge.workers import found_cluster


@contextlib.contextmanager
def state_on_failure(recorder: Recorder) -> Iterator[None]:
    """Sees to it that `state.json` tells how a run ended that did not finish."""
    try:
        yield
    except StopNow as stop:
        raise _stopped(recorder, stop.position) from None
    except Exception as error:
        told = explain(error, recorder.stage.train, recorder.stage.bundle)
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


def say_stopping(recorder: Recorder) -> Any:
    return lambda name: recorder.say(
        f"{name}: finishing this step and saving; once more leaves at once"
    )
