"""The front door: every object of a spec, its arguments held against the rules for its word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from modelforge.catalog import Kind
from modelforge.findings import Findings
from modelforge.graph.constructors.layers import LAYERS
from modelforge.graph.constructors.training import rules_for
from modelforge.graph.constructors.values import Values
from modelforge.graph.defaults import defaults_of
from modelforge.graph.graph import Graph
from modelforge.spec import Object, Spec, TrainSection

RULE = "refused-arguments"

# Names that `dtype` takes beside those of policies for quantized layers (`int8_from_float32`).
DTYPES = frozenset(
    {f"{sign}int{bits}" for sign in ("", "u") for bits in (4, 8, 16, 32, 64)}
    | {"float16", "float32", "float64", "bfloat16", "float8_e4m3fn", "float8_e5m2"}
    | {"bool", "string", "complex64", "complex128", "mixed_float16", "mixed_bfloat16"}
    | {"int", "float", "str", "global"}
)


def check_constructors(graph: Graph, spec: Spec, findings: Findings) -> None:
    """Adds an error for arguments that Keras refuses before it sees a tensor."""
    for item in _objects(graph, spec.train):
        _check(item, findings)


def _check(item: Object, findings: Findings) -> None:
    rules = LAYERS.get(item.name, ()) if item.kind == "layer" else rules_for(item)
    kind: Kind = item.kind  # type: ignore[assignment]
    # A plugin's optimizer may take other arguments than Keras's own.
    if rules and (defaults := defaults_of(item.name, kind)):
        values = Values(item.arguments, defaults)
        for rule in rules:
            for argument, message, hint in rule(values):
                findings.error(RULE, f"`{item.name}`: {message}", item.span_of(argument), hint=hint)
    dtype = item.arguments.get("dtype")
    if isinstance(dtype, str) and dtype not in DTYPES and "_from_" not in dtype:
        findings.error(RULE, f"there is no dtype `{dtype}`", item.span_of("dtype"))


def _objects(graph: Graph, train: TrainSection | None) -> Iterator[Object]:
    for node in graph.nodes:
        if node.shares:
            continue
        for _, inner in node.inner:
            yield from _objects(inner, None)
        if node.model is None:
            yield from _within(node.object)
    for phase in train.parts if train is not None else ():
        said = phase.train
        for part in (said.loss, said.metrics, said.optimizer, said.callbacks):
            yield from _within(part)


def _within(value: object) -> Iterator[Object]:
    """The object and those in its arguments, or all objects of a list or a mapping."""
    if isinstance(value, Object):
        yield value
        value = value.arguments
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _within(item)
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for item in value:
            yield from _within(item)
