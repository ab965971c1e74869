"""Where a run stands among its phases: which one runs, when it ends, how well each has done."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from modelforge.runs import RunState
from modelforge.runs.state import ALL_PHASES, LAST_PHASE
from modelforge.train.stage import Stage

Values = Mapping[str, float]


def current(state: RunState) -> int:
    """The number of the phase that runs, from 0."""
    return max(0, len(state.phases) - 1)


def begun(state: RunState, stages: Sequence[Stage], number: int) -> RunState:
    """The state as a phase begins, after all epochs that are done."""
    if not stages[number].name:
        return state
    entry = {
        "name": stages[number].name,
        "before": state.epochs,
        "epochs": 0,
        "best_epoch": None,
        "best": {},
    }
    state = replace(state, phases=(*state.phases[:number], entry))
    if not comparable(stages, state.monitor):
        state = replace(state, best_epoch=None, best={})
    return planned(state, stages)


def adopted(state: RunState, stages: Sequence[Stage]) -> RunState:
    """The state of a run that has had no phases, and goes on with them: it is in the first."""
    done = state.epochs
    return noted(begun(replace(state, epochs=0), stages, 0), done, {}) if stages[0].name else state


def planned(state: RunState, stages: Sequence[Stage]) -> RunState:
    """The state with how many epochs the run will have, if no later phase ends early."""
    rest = sum(stage.epochs for stage in stages[current(state) + 1 :])
    best_of = ALL_PHASES if comparable(stages, state.monitor) else LAST_PHASE
    return replace(state, planned_epochs=end_of(state, stages) + rest, best_of=best_of)


def end_of(state: RunState, stages: Sequence[Stage]) -> int:
    """After how many epochs of the run the phase that runs is over."""
    before = state.phases[-1]["before"] if state.phases else 0
    return int(before) + stages[current(state)].epochs


def is_better(value: float, best: Values, monitor: str) -> bool:
    """Whether a value of the monitor is a number, and lower than that of the best epoch."""
    return math.isfinite(value) and (not best or value < best[monitor])


def best_of_phase(state: RunState) -> Values:
    """The values of the best epoch of the phase that runs."""
    return state.phases[-1]["best"] if state.phases else {}


def noted(state: RunState, epochs: int, best: Values) -> RunState:
    """The state after another epoch; best: its values where it is the best of its phase."""
    if not state.phases:
        return state
    *before, entry = state.phases
    entry = {**entry, "epochs": epochs - entry["before"]}
    if best:
        entry |= {"best_epoch": epochs, "best": dict(best)}
    return replace(state, phases=(*before, entry))


def forgotten(state: RunState) -> RunState:
    """The state without the best epoch of the phase that runs, whose weights are lost."""
    *before, entry = state.phases
    return replace(state, phases=(*before, {**entry, "best_epoch": None, "best": {}}))


def comparable(stages: Sequence[Stage], monitor: str) -> bool:
    """Whether the monitor means the same in all phases: then the best is the best of the run."""

    def meaning(stage: Stage) -> tuple[object, ...]:
        train = stage.train
        # Classes are weighed in training only.
        weights = train.class_weight if monitor == "loss" else None
        return train.loss, train.loss_weights, weights

    return all(meaning(stage) == meaning(stages[0]) for stage in stages)
