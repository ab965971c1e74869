"""Saving that leaves nothing behind.

For every layer, optimizer and metric that it saves, Keras 3.15.1 makes another one of its kind, to
see which attributes all of them have: it keeps the answer under one name and looks for it under
another. The optimizers' variables are never freed: 70 KiB with every save.
"""

from __future__ import annotations

import importlib

_KINDS = ("Operation", "Layer", "Functional", "Sequential", "Metric", "Optimizer", "Loss")
_LOOKED_FOR = "saving_attr_skiplist_{}"


def keep_answers() -> None:
    """Puts the answers where Keras looks for them; nothing where a later Keras has other names."""
    try:
        saving = importlib.import_module("keras.src.saving.saving_lib")
        state = importlib.import_module("keras.src.backend.common.global_state")
        answer, known, keep = (
            saving.get_attr_skipset,
            state.get_global_attribute,
            state.set_global_attribute,
        )
    except (ImportError, AttributeError):
        return  # no more than memory is lost
    for kind in _KINDS:
        name = _LOOKED_FOR.format(kind)
        if known(name) is None:
            keep(name, answer(kind))
