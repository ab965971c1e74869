"""Whether a layer gives the same output for a sample in every step of training, and why not.

It is asked with care: what nobody here knows is taken for a layer that does not.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection
from typing import Any

import keras

from modelforge.build.private import every_layer
from modelforge.layers.settled import Settled

TRAINED = "its weights are trained"
RANDOM = "it draws random numbers in training"
STATISTICS = "it learns the statistics of the batches"
LOSS = "it adds to the loss"
STATE = "it keeps a state"
UNKNOWN = "nothing is known of what it does in training"

_OURS = ("keras.", "modelforge.layers.")
# They take `training`, and do the same in training as outside it if nothing below speaks against.
_ALIKE = (
    *(keras.layers.Dense, keras.layers.EinsumDense, keras.layers.Resizing),
    *(keras.layers.CenterCrop, keras.layers.MultiHeadAttention, keras.layers.GroupQueryAttention),
    *(keras.layers.Attention, keras.layers.AdditiveAttention, keras.layers.RNN),
    *(keras.layers.LSTMCell, keras.layers.GRUCell, keras.layers.SimpleRNNCell),
    *(keras.layers.StackedRNNCells, keras.layers.Bidirectional, keras.layers.TimeDistributed),
    *(keras.layers.BatchNormalization, keras.layers.Pipeline, keras.Model, keras.Sequential),
)
_RANDOM = (
    *(keras.layers.Dropout, keras.layers.AlphaDropout, keras.layers.GaussianDropout),
    *(keras.layers.SpatialDropout1D, keras.layers.SpatialDropout2D),
    *(keras.layers.SpatialDropout3D, keras.layers.GaussianNoise),
)
# What runs code of the spec's, or of another library.
_CODE = (
    *(keras.layers.Lambda, keras.layers.TFSMLayer, keras.layers.TorchModuleWrapper),
    *(keras.layers.JaxLayer, keras.layers.FlaxLayer),
)
_RATES = ("rate", "stddev", "dropout", "recurrent_dropout")
# Functions that are given functions.
_CALLING = frozenset(
    {"AssociativeScan", "Cond", "CustomGradient", "ForiLoop", "Map", "Scan", "Switch"}
    | {"VectorizedMap", "WhileLoop"}
)


def unsettled(operation: Any, trained: Collection[int], inference: bool = False) -> str:
    """Why an operation may give another output in the next step; empty where it does not.

    trained: the variables that are trained, by `id`. inference: whether it is called as outside
    training in any case.
    """
    if not isinstance(operation, keras.layers.Layer):
        own = type(operation).__module__.startswith("keras.")
        return UNKNOWN if not own or type(operation).__name__ in _CALLING else ""
    if any(id(it) in trained for it in operation.variables):
        return TRAINED
    return next(filter(None, _each(operation, inference)), "")


def _each(layer: Any, inference: bool) -> list[str]:
    if isinstance(layer, Settled):
        # What it holds is called as the spec says, and so it is asked.
        told = layer.options.get("training")
        inner = _each(layer.layer, inference or told is False)
        return [_why(layer, True), *inner]
    found: list[str] = []
    inside = {id(each) for it in every_layer(layer) if isinstance(it, Settled)
              for each in every_layer(it.layer)}  # fmt: skip
    for each in every_layer(layer):
        if isinstance(each, Settled) and each is not layer:
            found += _each(each, inference)
        elif id(each) not in inside:
            found.append(_why(each, inference))
    return found


def _why(layer: Any, inference: bool) -> str:
    """Why this layer alone, whatever is in it, may give another output in the next step."""
    if not type(layer).__module__.startswith(_OURS) or isinstance(layer, _CODE):
        return UNKNOWN
    if isinstance(layer, keras.layers.ActivityRegularization):
        return LOSS
    if getattr(layer, "activity_regularizer", None) is not None:
        return LOSS
    if getattr(layer, "stateful", False):
        return STATE
    if inference:
        return ""
    return _in_training(layer)


def _in_training(layer: Any) -> str:
    """The same, of a layer of Keras that does as in training."""
    if isinstance(layer, keras.layers.BatchNormalization):
        return STATISTICS if layer.trainable else ""
    if any(getattr(layer, name, 0) for name in _RATES if _is_rate(getattr(layer, name, 0))):
        return RANDOM
    if isinstance(layer, (*_ALIKE, *_RANDOM)):
        return ""
    if type(layer).__name__.startswith("Rand"):
        return RANDOM
    takes = "training" in inspect.signature(type(layer).call).parameters
    return UNKNOWN if takes and not isinstance(layer, Settled) else ""


def _is_rate(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
