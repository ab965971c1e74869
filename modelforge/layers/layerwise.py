"""Optimizers of Keras with a learning rate for each layer: a multiple of the optimizer's own.

An optimizer of Keras 3 updates one variable after the other, and is told the rate each time. So a
subclass of it can tell it another one, and everything else stays as it is: the memory of the
optimizer and the names in it, clipping, averages of weights, accumulation, schedules and whatever
sets `learning_rate`. Keras's own `MultiOptimizer` (3.15.1) has no `learning_rate` that could be
read or set, clips the gradients of each rate apart, and is several optimizers with their own steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import keras

from modelforge.findings import refuse

# The path and the number of each variable that is trained, in the order of the model.
Multipliers = Sequence[tuple[str, float]]

_DECAY = "_apply_weight_decay"
_MADE: dict[type, type] = {}
_NOT_ONE = ("Optimizer", "LossScaleOptimizer", "MultiOptimizer")


class Layerwise:
    """The part that all of them have in common; it stands before an optimizer of Keras.

    multipliers: what the rate is multiplied by, also in weight decay that is decoupled from the
    gradient (Loshchilov & Hutter 2019, arXiv:1711.05101). Where other variables are trained than
    these, they are known by their paths, and those that are not in it have 1.
    """

    _decaying: float | None = None

    def __init__(self, *arguments: Any, multipliers: Multipliers, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.multipliers = [(path, float(number)) for path, number in multipliers]

    def build(self, variables: Any) -> None:
        """Makes the optimizer's variables; from then on it is known which has what rate."""
        self._by_index = self._in_order(list(variables))
        super().build(variables)  # type: ignore[misc]

    def _in_order(self, variables: list[Any]) -> list[float]:
        if len(variables) == len(self.multipliers):
            # Paths say less: a Sequential that was saved has others, and two models may share one.
            return [number for _, number in self.multipliers]
        waiting: dict[str, Iterator[float]] = {
            path: iter([number for other, number in self.multipliers if other == path])
            for path, _ in self.multipliers
        }
        return [next(waiting.get(it.path, iter(())), 1.0) for it in variables]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """The optimizer's own step, at the rate of this variable."""
        multiplier = self._multiplier(variable)
        if multiplier != 1:
            learning_rate = learning_rate * multiplier
        super().update_step(gradient, variable, learning_rate)  # type: ignore[misc]

    @property
    def learning_rate(self) -> Any:
        """That of the optimizer: of the variables whose multiplier is 1."""
        rate = super().learning_rate  # type: ignore[misc]
        return rate if self._decaying is None else rate * self._decaying

    @learning_rate.setter
    def learning_rate(self, rate: Any) -> None:
        keras.optimizers.Optimizer.learning_rate.fset(self, rate)

    def _apply_weight_decay(self, variables: Iterable[Any]) -> None:
        """Keras's own, one variable after the other: it asks for the rate by its property."""
        for variable in variables:
            multiplier = self._multiplier(variable)
            try:
                self._decaying = None if multiplier == 1 else multiplier
                getattr(super(), _DECAY)([variable])
            finally:
                self._decaying = None

    def _multiplier(self, variable: Any) -> float:
        return self._by_index[self._get_variable_index(variable)]  # type: ignore[attr-defined]

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        config = super().get_config()  # type: ignore[misc]
        # As plain lists: TensorFlow puts its own in the place of what an attribute is set to.
        plain = [[path, float(number)] for path, number in self.multipliers]
        return {**config, "multipliers": plain}


def layerwise(optimizer: Any, multipliers: Multipliers) -> Any:
    """The same optimizer, not yet built, with these rates; itself where it would change nothing."""
    if all(number == 1 for _, number in multipliers):
        return optimizer
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        config = optimizer.get_config()
        inner = layerwise(optimizer.inner_optimizer, multipliers)
        return type(optimizer)(**{**config, "inner_optimizer": inner})
    kind = type(optimizer)
    if not callable(getattr(kind, _DECAY, None)):
        raise refuse(
            "keras-changed",
            f"Keras {keras.__version__} has no `{kind.__name__}.{_DECAY}`, which rates by layer "
            "need",
            notes=["it was there in Keras 3.15.1: run `pip install keras==3.15.1`"],
        )
    made = layerwise_class(kind)
    return made.from_config({**optimizer.get_config(), "multipliers": multipliers})


def layerwise_class(kind: type) -> Any:
    """The subclass of an optimizer that takes `multipliers`, known to Keras's files by its name."""
    if kind not in _MADE:
        made = type(f"Layerwise{kind.__name__}", (Layerwise, kind), {"__doc__": kind.__doc__})
        keras.saving.register_keras_serializable(package="modelforge")(made)
        _MADE[kind] = made
    return _MADE[kind]


# Those of Keras at once, so that whoever has imported this file can open files that hold one.
for _name in dir(keras.optimizers):
    _kind = getattr(keras.optimizers, _name)
    _is_one = isinstance(_kind, type) and issubclass(_kind, keras.optimizers.Optimizer)
    if _is_one and _name not in _NOT_ONE:
        layerwise_class(_kind)
