"""Which file a path to a model means: the file itself, or the best model of a run folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from modelforge.findings import did_you_mean
from modelforge.modelfile.doubts import Doubts
from modelforge.modelfile.old import OLD, WEIGHTS_ALONE
from modelforge.runs import RunFolder

_SAVE_AGAIN = "open it in Python with the Keras that wrote it, and save it as `.keras`"


def model_path(path: str, doubts: Doubts) -> str | None:
    """The path of the `.keras` file, or of a whole model in HDF5; None after a finding."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        _missing(path, error, doubts)
        return None
    if stat.S_ISDIR(mode):
        return _in_folder(path, doubts)
    if not stat.S_ISREG(mode):
        doubts.say("model-kind", "it is a device, a pipe or a socket, not a file")
        return None
    return path if _is_keras(path, doubts) else None


def model_file(path: str) -> str:
    """The file that a path leads to, of a run folder its best model; the path as it is if none."""
    run = RunFolder(Path(path))
    return str(run.model) if os.path.isdir(path) else path


def _missing(path: str, error: Exception, doubts: Doubts) -> None:
    folder, name = os.path.split(path)
    siblings = names_in(folder)
    missing = isinstance(error, FileNotFoundError | NotADirectoryError)
    doubts.say(
        "no-model-file",
        "there is no such file" if missing else str(getattr(error, "strerror", "") or error),
        *([] if siblings or not missing else [f"there is no folder `{folder}` either"]),
        hint=did_you_mean(name, siblings),
    )


def _in_folder(path: str, doubts: Doubts) -> str | None:
    run = RunFolder(Path(path))
    if run.state() is not None:
        if run.model.exists():
            return str(run.model)
        doubts.say("no-model-file", "the run has no trained model yet")
    elif os.path.exists(os.path.join(path, "saved_model.pb")):
        doubts.say(
            "model-kind",
            "it is a SavedModel, which is code that nothing can check",
            "give the `.keras` file of the same model",
        )
    else:
        models = [name for name in names_in(path) if name.endswith(".keras")]
        runs = _trained_runs(path)
        doubts.say(
            "model-kind",
            "it holds runs, and is none itself" if runs else "it is a folder, but not one of a run",
            *([f"models in it: {', '.join(models[:8])}"] if models else []),
            hint=f"name one of them; the last is `{runs[-1]}`" if runs else "",
        )
    return None


def names_in(folder: str) -> list[str]:
    """What lies in a folder; nothing where it cannot be read."""
    try:
        return sorted(os.listdir(folder or "."))
    except (OSError, ValueError):
        return []


def _trained_runs(path: str) -> list[str]:
    """The runs with a model in a folder, in the order of time, with which their names begin."""
    return [
        name
        for name in names_in(path)
        if (run := RunFolder(Path(path, name))).model.exists() and run.state() is not None
    ]


def _is_keras(path: str, doubts: Doubts) -> bool:
    if path.endswith(".weights.h5"):
        doubts.say("model-kind", "it holds weights without a model", *WEIGHTS_ALONE)
        return False
    if path.endswith((".keras", *OLD)):
        return True
    doubts.say("model-kind", "it is no `.keras` file", _SAVE_AGAIN)
    return False
