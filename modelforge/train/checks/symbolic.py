"""What only Keras can tell about losses and metrics: shapes run through them, without a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import FrameType

import keras

from modelforge.build.trouble import sentence
from modelforge.findings import Refused, refuse
from modelforge.graph.plugins import plugin_failed
from modelforge.spec import Object, TrainSection
from modelforge.train.execute import Execution


def build_symbolically(execution: Execution, train: TrainSection) -> None:
    """Builds optimizer, losses and metrics; what Keras refuses comes out at their lines."""
    try:
        execution.build()
    except Refused:
        raise
    except Exception as error:
        # Whatever is raised here, the spec asked for it: no step has been made.
        raise _refused(error, train) from None


def _refused(error: Exception, train: TrainSection) -> Refused:
    failed = plugin_failed(error, sentence(error))
    if failed is not None:
        return Refused([failed])
    within = [frame.f_locals.get("self") for frame in _frames(error)]
    items = list(_each(train.metrics)) + list(_each(train.loss))
    for part in reversed(within):
        if isinstance(part, keras.metrics.Metric | keras.losses.Loss):
            for item in items:
                if item.name == type(part).__name__:
                    return _finding(item.kind, item, error)
    metrics = any(frame.f_code.co_name == "compute_metrics" for frame in _frames(error))
    key = "metrics" if metrics else "loss"
    return refuse(
        f"{key.removesuffix('s')}-refused" if metrics else "loss-refused",
        f"Keras refuses `{key}`: {sentence(error)}",
        train.span_of(key),
    )


def _finding(kind: str, item: Object, error: Exception) -> Refused:
    return refuse(
        f"{kind}-refused", f"Keras refuses the {kind} `{item.name}`: {sentence(error)}", item.span
    )


def _frames(error: Exception) -> Iterator[FrameType]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next


def _each(items: object) -> Iterator[Object]:
    if isinstance(items, Object):
        yield items
    elif isinstance(items, Mapping):
        for item in items.values():
            yield from _each(item)
    elif isinstance(items, Iterable):
        for item in items:
            yield from _each(item)
