"""What a phase takes over from the one before: its weights, and the memory of the optimizer.

An optimizer goes on only where that is sound: one that corrects its averages for the number of its
steps (Adam, Kingma & Ba 2015, arXiv:1412.6980, section 3) would make the first steps of a weight
that it has not trained up to (1 - beta_1) / sqrt(1 - beta_2) times as long, 3.2 times by default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from modelforge.spec import Object
from modelforge.train.checkpoints.keeper import Keeper
from modelforge.train.checkpoints.names import MODEL, OPTIMIZER, named_variables
from modelforge.train.checkpoints.variables import fits, is_rate, put_each
from modelforge.train.position import Position
from modelforge.train.stage import Stage

RATE = "learning_rate"


def hand_over(
    before: Stage, stage: Stage, keeper: Keeper, position: Position, agree: Callable[[int], int]
) -> str:
    """Makes the model that of the next phase; gives what it has taken over, as a sentence.

    agree: the largest number that any worker gives; with several workers all have to call this.
    """
    best = keeper.read_best(before.number) if stage.phase.start == "best" else None
    if agree(int(best is None)):
        best = None  # one of them has lost it
    arrays = best.variables if best is not None else keeper.read(position)
    stage.enter()
    variables = named_variables(keeper.model)
    goes_on = optimizer_goes_on(before, stage, arrays, variables)
    begins = (MODEL, OPTIMIZER) if goes_on else (MODEL,)
    taken = {
        name: variable
        for name, variable in variables.items()
        if name.startswith(begins) and not is_rate(name)
    }
    put_each(taken, arrays)
    of = f"of epoch {best.position.epoch}" if best is not None else "as the phase before left them"
    return f"weights {of}, the optimizer {'goes on' if goes_on else 'begins anew'}"


def optimizer_goes_on(
    before: Stage, stage: Stage, arrays: Mapping[str, np.ndarray], variables: Mapping[str, Any]
) -> bool:
    """Whether the optimizer is the same, and trains no weight that it did not train before.

    arrays: the variables of the phase before by name; variables: those of this one. The rate may
    be another number: it is always that of the spec as a phase begins.
    """
    if not _same(before.compiled.optimizer, stage.compiled.optimizer):
        return False
    kept = {name: it for name, it in variables.items() if name.startswith(OPTIMIZER)}
    return all(
        name in arrays and fits(arrays[name].shape, variable)
        for name, variable in kept.items()
        if not is_rate(name)
    )


def _same(one: Object, other: Object) -> bool:
    rates = [it.arguments.get(RATE) for it in (one, other)]
    # A schedule counts the steps of the optimizer: another one begins with the first of its own.
    if any(isinstance(rate, Object) for rate in rates) and rates[0] != rates[1]:
        return False
    rest = [{k: v for k, v in it.arguments.items() if k != RATE} for it in (one, other)]
    return one.name == other.name and rest[0] == rest[1]
