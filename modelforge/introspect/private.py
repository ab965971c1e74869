"""The only place that touches `keras.src`: three facts that Keras's public face does not show.

Each function answers with nothing where a later Keras has moved what it looks for; the drift test
then shows what the catalog has lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any


def identifiers(namespace: str) -> Iterable[str]:
    """The strings that `keras.<namespace>.get` knows (`mse`, `bce`, `uniform`)."""
    known = _attribute(f"keras.src.{namespace}", "ALL_OBJECTS_DICT")
    return tuple(known) if known else ()


def merging_base() -> type | None:
    """The base class of Add, Concatenate and the other layers that merge a list of tensors."""
    found = _attribute("keras.src.layers.merging.base_merge", "Merge")
    return found if isinstance(found, type) else None


def wrapped_function(thing: Any) -> Any:
    """The function that a loss or metric class wraps, None for those that compute themselves."""
    try:
        return thing().fn if hasattr(thing(), "fn") else getattr(thing(), "_fn", None)
    except (TypeError, ValueError):
        return None


def _attribute(module: str, name: str) -> Any:
    try:
        return getattr(import_module(module), name, None)
    except ImportError:
        return None
