"""The weights in a file by the names of the layers that they belong to, whoever wrote it.

Keras 3 writes groups that say the name of their layer (`.weights.h5`, and within `.keras`); Keras
before 3 wrote a group for each layer of the outermost model, its weights in order (`.h5`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import h5py

Key = tuple[str, ...]  # the names of the layers from the outside to the inside, then the number

VARIABLES = "vars"
LAYERS = "layers"  # what Keras 3 calls the list of a model's layers
_NOT_LEARNED = "seed_generator"  # the state of random numbers
_NOT_WEIGHTS = ("optimizer", "optimizer_weights", "top_level_model_weights")


@dataclass(frozen=True, slots=True)
class Stored:
    """The arrays of a file that is open; legacy: written as Keras did before 3."""

    arrays: Mapping[Key, h5py.Dataset]
    legacy: bool


def stored(root: h5py.File) -> Stored:
    """The weights in a file that has been checked, none of them read."""
    whole = root.get("model_weights", root)
    if "layer_names" in whole.attrs or "layer_names0" in whole.attrs:
        return Stored(dict(_by_layer(whole)), legacy=True)
    return Stored(dict(_by_group(root, ())), legacy=False)


def _by_group(group: h5py.Group, names: Key) -> Iterator[tuple[Key, h5py.Dataset]]:
    for key in group:
        inner = group[key]
        if key == VARIABLES and isinstance(inner, h5py.Group):
            for number in sorted(inner, key=_number):
                if isinstance(inner[number], h5py.Dataset):
                    yield (*names, number), inner[number]
        elif key == LAYERS:
            yield from _by_group(inner, names)
        elif isinstance(inner, h5py.Group) and key != _NOT_LEARNED and key not in _NOT_WEIGHTS:
            yield from _by_group(inner, (*names, _name(inner, key)))


def _name(group: h5py.Group, key: str) -> str:
    """The name of the layer; files of the first releases of Keras 3 have only the group's."""
    variables = group.get(VARIABLES)
    named = variables.attrs.get("name") if isinstance(variables, h5py.Group) else None
    return _text(named) if named is not None else key


def _by_layer(whole: h5py.Group) -> Iterator[tuple[Key, h5py.Dataset]]:
    for name in _texts(whole, "layer_names"):
        group = whole.get(name)
        if not isinstance(group, h5py.Group):
            continue
        for number, weight in enumerate(_texts(group, "weight_names")):
            if isinstance(group.get(weight), h5py.Dataset):
                yield (name, str(number)), group[weight]


def _texts(group: h5py.Group, name: str) -> list[str]:
    """A list of texts beside a group; Keras cuts a long one into pieces."""
    if name in group.attrs:
        return [_text(item) for item in group.attrs[name]]
    found: list[str] = []
    piece = 0
    while f"{name}{piece}" in group.attrs:
        found += [_text(item) for item in group.attrs[f"{name}{piece}"]]
        piece += 1
    return found


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _number(key: str) -> tuple[int, str]:
    return (int(key), key) if key.isdecimal() else (1 << 30, key)
