"""Keras's own configuration: where channels are and how wide a float is, if nothing says it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Any

LAST, FIRST = "channels_last", "channels_first"


def image_data_format() -> str | None:
    """What `keras.json` says, as Keras reads it; None where Keras would refuse to start with it."""
    return _configured("image_data_format", (LAST, FIRST))


def floatx() -> str | None:
    """The dtype of floats where nothing else says it, such as of an input; None as above."""
    return _configured("floatx", ("float32", "float16", "float64"))


def _configured(name: str, choices: tuple[str, ...]) -> str | None:
    """The value of `keras.json`, the first choice where it says nothing."""
    home = os.environ.get("KERAS_HOME")
    if home is None:
        base = os.path.expanduser("~")
        home = os.path.join(base if os.access(base, os.W_OK) else "/tmp", ".keras")
    found = _read(os.path.expanduser(os.path.join(home, "keras.json")))
    written = found.get(name, choices[0]) if found is not None else None
    return written if written in choices else None


@cache
def _read(path: str) -> Mapping[str, Any] | None:
    try:
        if not os.path.isfile(path):
            return {}
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except ValueError:
        return {}  # Keras takes what is no JSON for an empty configuration
    except OSError:
        return None
    return found if isinstance(found, dict) else None
