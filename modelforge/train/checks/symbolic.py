"""What only Keras can tell of a step: shapes run through layers, losses and metrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

import keras

from modelforge.build.trouble import sentence
from modelforge.findings import Refused, refuse
from modelforge.graph import Graph, Node
from modelforge.graph.plugins import plugin_failed
from modelforge.graph.told import spoken
from modelforge.spec import Object, TrainSection
from modelforge.train.execute import Execution


def build_symbolically(execution: Execution, train: TrainSection, graph: Graph) -> None:
    """Builds optimizer, losses and metrics; what Keras refuses comes out at their lines."""
    try:
        with _whole_tracebacks():
            execution.build()
    except Refused:
        raise
    except Exception as error:
        # Whatever is raised here, the spec asked for it: no step has been made.
        raise _refused(error, train, graph) from None


@contextmanager
def _whole_tracebacks() -> Iterator[None]:
    """Lets errors keep Keras's frames: they tell which layer was called."""
    filtered = keras.config.is_traceback_filtering_enabled()
    keras.config.disable_traceback_filtering()
    try:
        yield
    finally:
        if filtered:
            keras.config.enable_traceback_filtering()


def _refused(error: Exception, train: TrainSection, graph: Graph) -> Refused:
    failed = plugin_failed(error, sentence(error))
    if failed is not None:
        return Refused([failed])
    layer = _failing_layer(error, graph)
    if layer is not None:
        return refuse(
            "layer-refused",
            f"Keras refuses the layer {spoken(layer)} in training: {sentence(error)}",
            layer.object.span,
            notes=["the shapes of a batch tell more than those of the inputs alone"],
        )
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


def _failing_layer(error: Exception, graph: Graph) -> Node | None:
    """The layer whose call failed, the innermost one where models are in each other."""
    found: Node | None = None
    graphs = [graph]
    for frame in _frames(error):
        part = frame.f_locals.get("self")
        if isinstance(part, keras.Operation):
            nodes = (node for each in graphs for node in each.nodes if node.name == part.name)
            node = next(nodes, None)
            if node is not None:
                found = node
                graphs = [inner for _, inner in node.inner] or graphs
    return found


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
