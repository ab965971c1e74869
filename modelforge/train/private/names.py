"""The private names of Keras that training needs, and the sentence for one that is gone."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import keras

from modelforge.findings import Refused, refuse

SEEN_ON = "3.15.1"


def build_from_shapes(model: keras.Model, batch: Any) -> None:
    """Makes the variables of optimizer, losses and metrics from KerasTensors instead of data."""
    needed(model, "_symbolic_build")(data_batch=batch)


def restored_by_callback(model: keras.Model) -> int:
    """The epoch that BackupAndRestore leaves in the model; 0 where it restored nothing."""
    # Without the name nothing is lost but that callback's restoring: `--resume` does not need it.
    return int(getattr(model, "_initial_epoch", None) or 0)


def knows_direction(callback: Any, model: keras.Model) -> bool:
    """Whether a callback can tell if the value it watches should rise or fall.

    It is asked as Keras asks it at the end of the first epoch: of a callback that is not used.
    """
    ask = getattr(callback, "_set_monitor_op", None)
    if ask is None:
        return True  # it watches nothing, or a later Keras finds out in another way
    callback.set_model(model)
    try:
        ask()
    except ValueError:
        return False
    return True


def needed(owner: Any, name: str) -> Any:
    """A function of Keras that has to be there: of a model, a class, or a module."""
    found = getattr(owner, name, None)
    if callable(found):
        return found
    said = "Model" if isinstance(owner, keras.Model) else getattr(owner, "__name__", str(owner))
    raise _changed(f"{said}.{name}")


def module(name: str) -> ModuleType:
    """A module of Keras that has to be there."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise _changed(name) from None


def _changed(name: str) -> Refused:
    return refuse(
        "keras-changed",
        f"Keras {keras.__version__} has no `{name}`, which ModelForge trains with",
        notes=[
            f"it was there in Keras {SEEN_ON}: run `pip install keras=={SEEN_ON}`",
            "please report it, with both versions",
        ],
    )
