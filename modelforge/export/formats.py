"""The export formats: how each is written, and read again as a stranger would read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from modelforge.export.keras_file import load_keras, write_keras
from modelforge.export.saved_model import load_saved_model, write_saved_model


@dataclass(frozen=True, slots=True)
class Format:
    """write(served, path, **arguments of the word); load(path, inputs) gives a function."""

    file: str
    write: Callable[..., None]
    load: Callable[..., Callable[[Mapping[str, Any]], dict[str, Any]]]


FORMATS = {
    "SavedModel": Format("saved_model", write_saved_model, load_saved_model),
    "Keras": Format("model.keras", write_keras, load_keras),
}
