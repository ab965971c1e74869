"""A name for every variable of a model that is the same in every process.

Keras numbers what it names by itself (`seed_generator_3`, `forward_lstm_1`, `adam_1`) over a
whole process, so that a second model of the same spec has other paths. Layers have the names that
ModelForge gave them; any other number is taken off here, and the order tells namesakes apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import keras

# How the names begin of what the model, its optimizer and its metrics hold.
MODEL, OPTIMIZER, METRICS = "model/", "optimizer/", "metrics/"
_NUMBER = re.compile(r"_\d+$")
_NAMELESS = re.compile(r"variable_\d+")  # of a layer that gives its weights no names


def named_variables(model: keras.Model) -> dict[str, Any]:
    """Every variable of a compiled model, its optimizer and its metrics, once, by name.

    The names begin with `model/`, `optimizer/` or `metrics/`; the order is always the same.
    """
    given = set(_layer_names(model))
    weights = {variable.path: _stable(variable.path, given) for variable in model.variables}
    named: dict[str, Any] = {}
    seen: set[int] = set()

    def add(name: str, variable: Any) -> None:
        if id(variable) in seen:
            return
        seen.add(id(variable))
        number, unique = 1, name
        while unique in named:
            number += 1
            unique = f"{name}#{number}"
        named[unique] = variable

    for variable in model.variables:
        add(f"{MODEL}{weights[variable.path]}", variable)
    for variable in model.optimizer.variables:
        add(f"{OPTIMIZER}{_slot(variable.path, weights)}", variable)
    for variable in model.metrics_variables:
        add(f"{METRICS}{_stable(variable.path, given)}", variable)
    return named


def _layer_names(model: Any) -> Iterator[str]:
    for layer in model.layers:
        yield layer.name
        if hasattr(layer, "layers"):
            yield from _layer_names(layer)


def _stable(path: str, given: set[str]) -> str:
    *parts, last = path.split("/")
    last = "variable" if _NAMELESS.fullmatch(last) else last
    return "/".join([*(part if part in given else _NUMBER.sub("", part) for part in parts), last])


def _slot(path: str, weights: dict[str, str]) -> str:
    """`adam_1/dense_kernel_momentum` is `adam/dense/kernel/momentum`."""
    *parts, last = path.split("/")
    begin = "/".join(_NUMBER.sub("", part) for part in parts)
    # The longest wins: `dense_kernel` begins `dense_kernel_2_momentum`, too.
    for weight in sorted(weights, key=len, reverse=True):
        written = weight.replace("/", "_")
        if last.startswith(f"{written}_"):
            last = f"{weights[weight]}/{last[len(written) + 1 :]}"
            break
    return f"{begin}/{last}" if begin else last
