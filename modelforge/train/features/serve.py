"""A phase is fed with its features: found in the run folder, or computed now."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from modelforge.data.bundle import Split
from modelforge.findings import refuse
from modelforge.findings.size import size_text
from modelforge.runs import RunFolder
from modelforge.runs.files import no_room
from modelforge.train.execute import Fed
from modelforge.train.features.above import above
from modelforge.train.features.compute import Rows, features_of
from modelforge.train.features.plan import MEMORY, NONE, Plan
from modelforge.train.features.room import memory_free, place_for
from modelforge.train.features.stored import Arrays, Stored, key_of
from modelforge.train.features.unchanged import digest_of
from modelforge.train.recorder import Recorder

_SAY = 15.0  # seconds between two words on how far it has come


def serve_features(recorder: Recorder, plan: Plan, each: Callable[[], None]) -> None:
    """Feeds the phase that runs with features, from the weights that its model has now.

    each: called after each batch of them. Where the disk has no room, nothing changes, and people
    are told. With several workers all have to call this.
    """
    execution, keeper = recorder.stage.execution, recorder.keeper
    if execution.fed.model is not execution.model:
        return  # the phase begins again where its loss was no number
    if recorder.features_before is False:
        recorder.features = False
        recorder.say("features: this phase was begun without them, and goes on so")
        return
    workers = execution.placement.workers
    where = place_for(plan, recorder.folder.path, 3 * keeper.bytes_needed(), workers)
    if recorder.agree(int(where == NONE)):
        where = NONE
    weights = digest_of(plan.frontier)
    found = _found(recorder, (plan, where, weights), each)
    # The steps of all workers have to be alike.
    if recorder.agree(int(found is None)):
        found = None
    recorder.features = found is not None
    if found is None:
        recorder.say(
            f"features: the disk has no room for {size_text(plan.bytes)}: every step computes them"
        )
        if recorder.features_before:
            recorder.say("the rest will not be the same to the last bit")
        return
    splits = {split.name: _with(split, found[split.name]) for split in plan.splits}
    train, validation = splits["train"], splits.get("validation")
    execution.feed(Fed(above(execution.model, plan.frontier), train, validation, weights))


def forget_features(folder: RunFolder) -> None:
    """Removes the files of a phase that is over."""
    Stored(folder.features, "").remove()


def _with(split: Split, arrays: dict[str, np.ndarray]) -> Split:
    assert split.with_inputs is not None
    return split.with_inputs(arrays)


def _found(
    recorder: Recorder, asked: tuple[Plan, str, str], each: Callable[[], None]
) -> Arrays | None:
    """The features by split and name; None where there is no room for them."""
    plan, where, weights = asked
    if where == NONE:
        return None
    recorder.say(plan.line(where))
    progress = _Progress(recorder, plan, each)
    if where == MEMORY:
        _check_memory(recorder, plan)
        return _in_memory(plan, progress)
    keeper = recorder.keeper
    parts = [(it.name, it.shape, it.dtype) for it in plan.frontier.features]
    sizes = [(it.name, it.size) for it in plan.splits]
    about = (dict(keeper.fingerprint), recorder.stage.number, parts, sizes, plan.batch_size)
    stored = Stored(recorder.folder.features, key_of(about, weights))
    found = stored.read()
    if found is not None:
        recorder.say("features: those in the run folder are the same, and are taken")
        return found
    try:
        return stored.write({it.name: progress.rows(it) for it in plan.splits})
    except OSError as error:
        stored.remove()
        if not no_room(error):
            raise
        return None


def _check_memory(recorder: Recorder, plan: Plan) -> None:
    """Refuses `memory` where there is not as much, and a copy is made while it is filled."""
    free = memory_free()
    if free is None or 2 * plan.bytes <= free:
        return
    raise refuse(
        "too-much-memory",
        f"the features take {size_text(plan.bytes)}, and {size_text(free)} of memory are free",
        recorder.stage.train.span_of("frozen_features"),
        notes=["`frozen_features: disk` keeps them in the run folder; `auto` chooses"],
    )


def _in_memory(plan: Plan, progress: _Progress) -> Arrays:
    found: Arrays = {}
    for split in plan.splits:
        arrays: dict[str, np.ndarray] = {}
        done = 0
        for rows in progress.rows(split):
            for name, array in rows.items():
                if name not in arrays:
                    arrays[name] = np.empty((split.size, *array.shape[1:]), array.dtype)
                arrays[name][done : done + len(array)] = array
            done += len(array)
        found[split.name] = arrays
    return found


class _Progress:
    """Computes, and tells how far it has come where that takes long."""

    def __init__(self, recorder: Recorder, plan: Plan, each: Callable[[], None]) -> None:
        self._recorder = recorder
        self._plan = plan
        self._each = each
        self._done = 0
        self._began = self._said = time.monotonic()

    def rows(self, split: Split) -> Iterator[Rows]:
        """The features of a split, batch by batch."""
        for rows in features_of(self._plan.frontier, split, self._plan.batch_size):
            yield rows
            self._done += len(next(iter(rows.values())))
            self._each()
            self._tell()

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._said < _SAY:
            return
        self._said = now
        rate = self._done / (now - self._began)
        left = (self._plan.samples - self._done) / rate
        self._recorder.say(
            f"features: {self._done:,} of {self._plan.samples:,} samples, "
            f"{rate:,.0f} in a second, {left:.0f} s left"
        )
