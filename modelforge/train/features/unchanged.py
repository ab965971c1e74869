"""Frozen weights that a callback has changed after all: features were made with the old ones."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from modelforge.build.frontier import Frontier
from modelforge.findings import refuse

_KNOWN = ("keras.", "modelforge.")


def digest_of(frontier: Frontier) -> str:
    """What the weights below are, as a digest."""
    found = hashlib.sha256()
    for variable in frontier.held:
        found.update(np.ascontiguousarray(keras.ops.convert_to_numpy(variable)).tobytes())
    return found.hexdigest()


def watch_weights(frontier: Frontier, callbacks: Sequence[Any]) -> list[keras.callbacks.Callback]:
    """What sees to it that features are never those of other weights.

    Keras's own callbacks leave frozen weights alone; nobody knows what those of a plugin do.
    """
    own = [it for it in callbacks if not type(it).__module__.startswith(_KNOWN)]
    return [_Unchanged(frontier)] if own else []


class _Unchanged(keras.callbacks.Callback):
    """Ends training where the weights below are others than at the beginning of the phase."""

    def __init__(self, frontier: Frontier) -> None:
        super().__init__()
        self._frontier = frontier
        self._before = ""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """The first step: features have just been computed."""
        if not self._before:
            self._before = digest_of(self._frontier)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Other callbacks have had their turn."""
        if self._before and digest_of(self._frontier) != self._before:
            raise refuse(
                "frozen-weights-changed",
                f"a callback has changed weights that are frozen, after epoch {epoch + 1}",
                notes=[
                    "what these weights make of each sample was computed once, with the old ones",
                    "for training without that: `train: {frozen_features: none}`",
                ],
            )
