"""The export formats: how each is written, and read again as a stranger would read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from modelforge.export.keras_file import load_keras, write_keras
from modelforge.export.saved_model import TENSORS, load_saved_model, write_saved_model

Load = Callable[..., Callable[[Mapping[str, Any]], dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Format:
    """write(served, path, **arguments of the word); load(path, inputs) gives a function.

    load_tensors: the same for what the model takes behind its preprocessing; None where the format
    has no way in there. takes_bytes: whether it can decode images. file, versions: where it is
    written below `export/`, and the folder in which its numbered versions lie.
    """

    file: str
    write: Callable[..., None]
    load: Load
    load_tensors: Load | None = None
    takes_bytes: bool = False
    versions: str = ""


FORMATS = {
    "SavedModel": Format(
        "saved_model",
        write_saved_model,
        load_saved_model,
        load_tensors=partial(load_saved_model, signature_name=TENSORS),
        takes_bytes=True,
        versions="serving",
    ),
    "Keras": Format("model.keras", write_keras, load_keras),
}
