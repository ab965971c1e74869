"""Learning rates that grow with the number of replicas, where the spec asks for it.

With N replicas of the same batch each, a step sees N times as many samples. `linear` multiplies
the rate by N (Goyal et al. 2017, "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour",
arXiv:1706.02677, which also begins with a warm-up), `sqrt` by the square root of N, which keeps
the variance of the updates (Krizhevsky 2014, arXiv:1404.5997).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from modelforge.catalog import Catalog
from modelforge.findings import Findings
from modelforge.spec import Object, TrainSection
from modelforge.spec.inside import changed
from modelforge.spec.values import Value

FACTORS: dict[str, Callable[[int], float]] = {
    "none": lambda replicas: 1.0,
    "linear": float,
    "sqrt": math.sqrt,
}
RATE = "learning_rate"
# Which arguments of a schedule are rates; the others are steps, and shares of a rate.
_RATES = {
    "CosineDecay": ("initial_learning_rate", "warmup_target"),
    "CosineDecayRestarts": ("initial_learning_rate",),
    "ExponentialDecay": ("initial_learning_rate",),
    "InverseTimeDecay": ("initial_learning_rate",),
    "PiecewiseConstantDecay": ("values",),
    "PolynomialDecay": ("initial_learning_rate", "end_learning_rate"),
}


def scale_rate(
    train: TrainSection, replicas: int, catalog: Catalog, findings: Findings
) -> TrainSection:
    """The section with an optimizer whose rates are scaled as `learning_rate_scaling` says.

    Optimizers and schedules inside the optimizer are scaled as well. Adds an error for a schedule
    of a plugin: which of its arguments are rates, nobody has said.
    """
    factor = FACTORS[train.learning_rate_scaling](replicas)
    if factor == 1:
        return train

    def scaled(found: Object, path: Any = ()) -> Object:
        if found.kind == "schedule" and found.name not in _RATES:
            findings.error(
                "rate-not-scaled",
                f"`learning_rate_scaling: {train.learning_rate_scaling}` cannot scale the "
                f"schedule `{found.name}`",
                found.span,
                notes=[f"multiply its rates by {factor:g}, and leave out the scaling"],
            )
        names = _RATES.get(found.name, ()) if found.kind == "schedule" else (RATE,)
        return replace(found, arguments=_scaled(found, names, factor, catalog))

    def within(found: Object, path: Any) -> Object:
        return scaled(found) if found.kind in ("schedule", "optimizer") else found

    return replace(train, optimizer=scaled(changed(train.optimizer, within)))


def _scaled(
    found: Object, names: tuple[str, ...], factor: float, catalog: Catalog
) -> dict[str, Value]:
    word = catalog.find(found.name, found.kind)  # type: ignore[arg-type]
    known = {it.name: it.default for it in word.arguments} if word else {}
    arguments: dict[str, Any] = dict(found.arguments)
    for name in names:
        value = arguments.get(name, known.get(name))  # what is not written has a default
        if isinstance(value, int | float) and not isinstance(value, bool):
            arguments[name] = value * factor
        elif isinstance(value, tuple | list):
            arguments[name] = tuple(
                it * factor if isinstance(it, int | float) else it for it in value
            )
    return arguments
