"""The values of a model's variables: read all at once, checked, put back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from modelforge.findings import Finding, Refused, listed
from modelforge.train.checkpoints.names import METRICS, named_variables
from modelforge.train.strategy import Placement

Arrays = dict[str, np.ndarray]

_TOLD = 5  # differences between a checkpoint and a model that are listed one by one


def read_variables(model: keras.Model, placement: Placement, begin: str = "") -> Arrays:
    """The values by name, of names that begin so; with several workers all have to call this.

    Replicas of one process each have their own running sums: these get one axis more, in front,
    because the sum of all, divided again, would not be the same to the last bit.
    """
    return {
        name: _read(variable, placement)
        for name, variable in named_variables(model).items()
        if name.startswith(begin)
    }


def put_variables(model: keras.Model, arrays: Mapping[str, np.ndarray], path: str) -> None:
    """Puts the values into the variables; refused, and nothing changed, where they do not fit."""
    variables = named_variables(model)
    check_variables(variables, arrays, path)
    put_each(variables, arrays)


def put_each(variables: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Puts each value into its variable; the values have to fit."""
    for name, variable in variables.items():
        _put(variable, typed(arrays[name], keras.backend.standardize_dtype(variable.dtype)))


def check_variables(
    variables: Mapping[str, Any], arrays: Mapping[str, np.ndarray], path: str
) -> None:
    """Refuses values that are not those of these variables, and names each difference."""
    told = [f"the checkpoint has no `{name}`" for name in variables if name not in arrays]
    told += [f"the model of the spec has no `{name}`" for name in arrays if name not in variables]
    for name, variable in variables.items():
        shape = tuple(variable.shape)
        if name in arrays and not fits(arrays[name].shape, variable):
            had = list(arrays[name].shape)
            told.append(f"`{name}` is {had} in the checkpoint and {list(shape)} in the model")
    if not told:
        return
    more = [f"and {len(told) - _TOLD} more"] if len(told) > _TOLD else []
    raise Refused(
        [
            Finding(
                "checkpoint-mismatch",
                f"the checkpoint `{path}` belongs to another model or optimizer",
                notes=(
                    *told[:_TOLD],
                    *more,
                    "resume with the spec of the run, or start a new run",
                ),
            )
        ]
    )


def with_new_rates(arrays: Mapping[str, np.ndarray], variables: Mapping[str, Any]) -> Arrays:
    """The values, with the learning rates that the optimizer was made with in place of theirs.

    An optimizer that follows a schedule has no variable for its rate: there may be more or fewer.
    """
    kept = {name: array for name, array in arrays.items() if not is_rate(name)}
    rates = {
        name: np.asarray(keras.ops.convert_to_numpy(variable))
        for name, variable in variables.items()
        if is_rate(name)
    }
    return {**kept, **rates}


def not_finite(arrays: Mapping[str, np.ndarray]) -> str:
    """Which weights or optimizer variables hold NaN or infinite values; empty where none does.

    Metrics may: a ratio of nothing to nothing is not a number.
    """
    bad = [
        name
        for name, array in arrays.items()
        if not name.startswith(METRICS)
        and np.issubdtype(_widened(array).dtype, np.inexact)
        and not np.isfinite(_widened(array)).all()
    ]
    return listed([f"`{name}`" for name in bad[:3]]) if bad else ""


def typed(array: np.ndarray, dtype: str) -> np.ndarray:
    """The array as that type; NumPy's format does not know bfloat16, whose bits are integers."""
    if dtype == "bfloat16" and array.dtype == np.uint16:
        import ml_dtypes

        return array.view(ml_dtypes.bfloat16)
    return array


def storable(array: np.ndarray) -> np.ndarray:
    """The array as NumPy's format can hold it."""
    return array.view(np.uint16) if array.dtype.name == "bfloat16" else array


def is_rate(name: str) -> bool:
    """Whether a variable of that name is a learning rate."""
    return name.startswith("optimizer/") and name.endswith("/learning_rate")


def _widened(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def _read(variable: Any, placement: Placement) -> np.ndarray:
    parts = _parts(variable) if placement.strategy is not None and placement.workers == 1 else ()
    if len(parts) > 1 and variable.aggregation == "sum":
        return np.stack([keras.ops.convert_to_numpy(part) for part in parts])
    return np.asarray(keras.ops.convert_to_numpy(variable))


def _put(variable: Any, array: np.ndarray) -> None:
    parts = _parts(variable)
    if array.shape == tuple(variable.shape):
        variable.assign(array)  # a sum is divided among the replicas
    elif len(array) == len(parts):
        for part, value in zip(parts, array, strict=True):
            part.assign(value)
    else:  # of a run with another number of replicas
        variable.assign(array.sum(axis=0))


def _parts(variable: Any) -> tuple[Any, ...]:
    """What each replica of this process holds."""
    return tuple(getattr(variable.value, "values", ()))


def fits(shape: tuple[int, ...], variable: Any) -> bool:
    """Whether values of that shape can be put into the variable."""
    own = tuple(variable.shape)
    return shape == own or (variable.aggregation == "sum" and shape[1:] == own)
