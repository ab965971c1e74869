"""The front door: a model file is looked through, then loaded."""

from __future__ import annotations

import zipfile
from typing import Any

import keras
import numpy as np

from modelforge.findings import Findings, ModelForgeError, Refused, Span, refuse

# Keras finds the classes that files of ours name once they have been registered.
from modelforge.layers import activation, settled  # noqa: F401
from modelforge.loading.part import stored_member
from modelforge.loading.sizes import check_sizes
from modelforge.loading.weights import RULE, check_weights
from modelforge.modelfile import Doubts, ModelFile, inspect
from modelforge.modelfile.archive import WEIGHTS


def load_model(path: str, span: Span | None = None) -> keras.Model:
    """The model in a `.keras` file, not compiled; raises Refused where it may not be opened.

    span: where a spec names the file.
    """
    doubts = Doubts(path, Findings(), span)
    file = inspect(path, doubts)
    doubts.findings.stop_on_errors()
    assert file is not None
    return opened(file, doubts)


def opened(file: ModelFile, doubts: Doubts) -> keras.Model:
    """The model in a file that has been looked through; raises Refused."""
    try:
        _check(file, doubts)
        doubts.findings.stop_on_errors()
        model = keras.models.load_model(file.path, compile=False, safe_mode=True)
    except ModelForgeError:
        raise
    except Exception as error:  # a damaged zip, HDF5 and JSON each raise their own sort
        raise _unreadable(file, doubts, error) from None
    check_finite(model, doubts)
    doubts.findings.stop_on_errors()
    return model


def _check(file: ModelFile, doubts: Doubts) -> None:
    """What can only be told with HDF5 and Keras at hand."""
    before = doubts.count
    if file.old:
        with open(file.path, "rb") as content:
            held = check_weights(content, file.weights, doubts)
        if doubts.count == before:
            check_sizes(file.text, held, doubts, old=True)
        return
    with zipfile.ZipFile(file.path) as archive, open(file.path, "rb") as content:
        member = archive.getinfo(WEIGHTS)
        part = stored_member(content, member.header_offset, member.file_size)
        held = check_weights(part, member.file_size, doubts)
    if doubts.count == before:
        check_sizes(file.text, held, doubts)


def check_finite(model: Any, doubts: Doubts) -> None:
    """Refuses weights that are no numbers."""
    for variable in model.variables:
        if "float" not in keras.backend.standardize_dtype(variable.dtype):
            continue
        if not np.isfinite(keras.ops.convert_to_numpy(variable)).all():
            doubts.say(RULE, f"its weights `{variable.path}` hold numbers that are not finite")


def _unreadable(file: ModelFile, doubts: Doubts, error: Exception) -> Refused:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    return refuse(
        "model-unreadable",
        f"`{file.path}` cannot be loaded: {reason[:300]}",
        doubts.span,
        notes=["the file is damaged, or was written by another version of Keras"],
    )
