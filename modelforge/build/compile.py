"""A model and the `train` section become a compiled model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import keras

from modelforge.build.objects import make
from modelforge.build.rates import ByVariable
from modelforge.spec import Object, TrainSection


def compile_model(
    model: keras.Model,
    train: TrainSection,
    outputs: Sequence[str],
    rates: ByVariable | None = None,
) -> None:
    """Gives the model its optimizer, losses and metrics.

    outputs: the names of its outputs. rates: of its layers, where they are not all the same.
    """
    optimizer = make(train.optimizer)
    model.compile(
        optimizer=rates.applied_to(optimizer, train.optimizer) if rates is not None else optimizer,
        loss=_losses(train.loss, outputs),
        loss_weights=_loss_weights(train.loss_weights, outputs),
        metrics=_metrics(train.metrics, outputs),
        jit_compile=train.jit_compile,
    )


@contextmanager
def precision(policy: str) -> Iterator[None]:
    """The dtype policy of the layers that are made inside."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _losses(loss: Object | Mapping[str, Object] | None, outputs: Sequence[str]) -> Any:
    if loss is None or len(outputs) == 1:
        only = loss.get(outputs[0]) if isinstance(loss, Mapping) else loss
        return make(only) if only is not None else None
    return {output: make(loss[output] if isinstance(loss, Mapping) else loss) for output in outputs}


def _loss_weights(
    weights: Mapping[str, float] | None, outputs: Sequence[str]
) -> list[float] | None:
    """One for every output: Keras fails with a KeyError where a mapping leaves one out."""
    return [float(weights.get(output, 1.0)) for output in outputs] if weights else None


def _metrics(
    metrics: tuple[Object, ...] | Mapping[str, tuple[Object, ...]], outputs: Sequence[str]
) -> Any:
    """Metrics by output: Keras would take one list as one metric for each output."""
    if isinstance(metrics, Mapping):
        chosen = {output: metrics.get(output, ()) for output in outputs}
    else:
        chosen = dict.fromkeys(outputs, metrics)
    each = {output: [make(item) for item in items] for output, items in chosen.items()}
    return each if len(outputs) > 1 else each[outputs[0]]
