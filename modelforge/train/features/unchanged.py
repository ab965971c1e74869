"""Frozen weights that a callback has changed after all: features were made with the old ones."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from modelforge.build.frontier import Frontier
from modelforge.findings import refuse
from modelforge.train.execute import Execution
from modelforge.train.features.plan import Plan

_KNOWN = ("keras.", "modelforge.")


def digest_of(frontier: Frontier) -> str:
    """What the weights below are, as a digest."""
    found = hashlib.sha256()
    for variable in frontier.held:
        found.update(np.ascontiguousarray(keras.ops.convert_to_numpy(variable)).tobytes())
    return found.hexdigest()


def watch_weights(execution: Execution, plan: Plan | None, callbacks: Sequence[Any]) -> list[Any]:
    """What sees to it that features are never those of other weights: a callback, the last one.

    Keras's own leave frozen weights alone; nobody knows what those of a plugin do.
    """
    own = [it for it in callbacks if not type(it).__module__.startswith(_KNOWN)]
    return [_Unchanged(execution, plan.frontier)] if own and plan is not None else []


class _Unchanged(keras.callbacks.Callback):
    """Ends training where the weights below are not those that the features were made with."""

    def __init__(self, execution: Execution, frontier: Frontier) -> None:
        super().__init__()
        self._execution = execution
        self._frontier = frontier

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Other callbacks have had their turn."""
        before = self._execution.fed.weights
        if before and digest_of(self._frontier) != before:
            raise refuse(
                "frozen-weights-changed",
                f"a callback has changed weights that are frozen, by the end of epoch {epoch + 1}",
                notes=[
                    "what these weights make of each sample was computed once, with the old ones",
                    "for training without that: `train: {frozen_features: none}`",
                ],
            )
