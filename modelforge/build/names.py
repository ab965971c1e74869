"""Names that Keras gives by itself stay clear of those of a model's layers."""

from __future__ import annotations

import re
from collections.abc import Iterable

import keras

_NUMBERED = re.compile(r"(?P<stem>.+?)(?:_(?P<number>[0-9]{1,4}))?")


def reserve(names: Iterable[str]) -> None:
    """Lets Keras count on behind these names.

    A mask that a layer passes on becomes operations of the model (`concatenate`), which Keras
    names by its own count; ModelForge names layers itself, and no name may come twice.
    """
    wanted: dict[str, int] = {}
    for name in names:
        found = _NUMBERED.fullmatch(name)
        if found is not None:
            stem, number = found["stem"], int(found["number"] or 0)
            wanted[stem] = max(wanted.get(stem, 0), number + 1)
    for stem, count in wanted.items():
        while keras.backend.get_uid(stem) < count:
            pass
