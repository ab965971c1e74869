"""Lowering the learning rate of an optimizer while it is used."""

from __future__ import annotations

from typing import Any

import keras


def lower_rate(optimizer: Any, factor: float) -> float:
    """Multiplies the rate, each of them where there are several optimizers; gives the (first) new.

    A schedule has no rate that could be set: `checks/rates.py` has refused it before.
    """
    rates = []
    for one in getattr(optimizer, "optimizers", [optimizer]):
        rate = float(keras.ops.convert_to_numpy(one.learning_rate)) * factor
        one.learning_rate = rate
        rates.append(rate)
    return rates[0]
