"""A model as the steps call it that begin with features: its upper part, and all else its own."""

from __future__ import annotations

from typing import Any

import keras

from modelforge.build.frontier import Frontier


def above(model: keras.Model, frontier: Frontier) -> keras.Model:
    """The model itself in every respect, but called on features.

    It shares all that the model has, not copies of it: weights, optimizer, metrics, losses and
    `stop_training` are the same objects, so that what Keras's `train_step` does to one is done to
    the other. What is saved, watched and evaluated remains the model.
    """

    class Above(type(model)):  # type: ignore[misc]
        """Features in, the model's outputs out."""

        @property
        def input_spec(self) -> Any:
            """Nothing is asked of features: they are made here."""
            return None

        def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
            """What the model makes of them."""
            return frontier.above(inputs, training=bool(training))

    view: keras.Model = object.__new__(Above)
    object.__setattr__(view, "__dict__", model.__dict__)
    return view
