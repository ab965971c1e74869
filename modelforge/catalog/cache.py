"""Where a catalog made for another Keras lies: the user's cache folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """The folder for ModelForge's files that can be made again."""
    given = os.environ.get("XDG_CACHE_HOME")
    if given:
        return Path(given) / "modelforge"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "modelforge"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "modelforge"
    return Path.home() / ".cache" / "modelforge"


def cached_file(keras_version: str) -> Path:
    """The data file for a Keras release in the user's cache, whether or not it is there."""
    return cache_folder() / f"keras-{keras_version}.json"
