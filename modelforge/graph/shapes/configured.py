"""Keras's own configuration: where the channels are if a layer does not say it."""

from __future__ import annotations

import json
import os
from functools import cache

LAST, FIRST = "channels_last", "channels_first"


def image_data_format() -> str | None:
    """What `keras.json` says, as Keras reads it; None where Keras would refuse to start with it."""
    home = os.environ.get("KERAS_HOME")
    if home is None:
        base = os.path.expanduser("~")
        home = os.path.join(base if os.access(base, os.W_OK) else "/tmp", ".keras")
    return _read(os.path.expanduser(os.path.join(home, "keras.json")))


@cache
def _read(path: str) -> str | None:
    try:
        if not os.path.isfile(path):
            return LAST
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except ValueError:
        return LAST  # Keras takes what is no JSON for an empty configuration
    except OSError:
        return None
    written = found.get("image_data_format", LAST) if isinstance(found, dict) else None
    return written if written in (LAST, FIRST) else None
