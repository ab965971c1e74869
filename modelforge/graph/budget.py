"""Accidents of size: models that no machine could hold are refused before anything is built."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from modelforge.findings import Findings
from modelforge.findings.size import size_text
from modelforge.graph.given import Given
from modelforge.graph.graph import Graph, Node
from modelforge.graph.memory import Memory, estimate
from modelforge.graph.shapes.known import Known
from modelforge.graph.told import spoken
from modelforge.spec import Spec

MOST_LAYERS = 10_000
MOST_PARAMETERS = 2_000_000_000
MOST_BYTES = 256 * 2**30

ANYWAY = "`--allow-large` on the command line allows it all the same"


class Part(NamedTuple):
    """A layer with what is known of it, and the graph in which it stands."""

    node: Node
    known: Known
    graph: Graph


def parts_of(graph: Graph, known: Mapping[str, Known]) -> Iterator[Part]:
    """Every layer, those within models in the place of the models.

    A layer around a model is a part, too, without what the model has: its output is one more.
    """
    for node in graph.nodes:
        found = known[node.name]
        inner = node.inner if found.inner is not None else ()
        if node.model is None:
            yield Part(node, _without_inner(found), graph)
        for prefix, model in inner:
            parts = parts_of(model, found.inner_of(prefix))
            yield from parts if node.model is not None else _at_each_step(node, found, parts)


def _without_inner(known: Known) -> Known:
    """What a layer has of its own, the parameters of the models in it left out."""
    if known.inner is None or known.trainable is None or known.frozen is None:
        return known
    inner = known.inner.values()
    return replace(
        known,
        trainable=known.trainable - sum(it.trainable or 0 for it in inner),
        frozen=known.frozen - sum(it.frozen or 0 for it in inner),
    )


def _at_each_step(node: Node, known: Known, parts: Iterable[Part]) -> Iterator[Part]:
    """The layers of a model that `TimeDistributed` applies: they give an output at each step."""
    given = next(iter(known.given.values()), ())
    steps = given[0][1] if given and len(given[0]) > 1 else None
    for part in parts:
        if node.object.name == "TimeDistributed" and part.known.shapes is not None:
            shapes = tuple((shape[0], steps, *shape[1:]) for shape in part.known.shapes if shape)
            part = part._replace(known=replace(part.known, shapes=shapes))
        yield part


def check_budget(
    graph: Graph,
    known: Mapping[str, Known],
    spec: Spec,
    data: Given,
    findings: Findings,
    *,
    whole: bool,
) -> None:
    """Adds an error for too many layers, too many parameters or, if `whole`, too much memory."""
    parts = list(parts_of(graph, known))
    if len(parts) > MOST_LAYERS:
        findings.error(
            "too-many-layers",
            f"the model has {len(parts):,} layers; the budget is {MOST_LAYERS:,}",
            graph.span,
            notes=[ANYWAY],
        )
    if not _check_parameters(parts, findings) or not whole:
        return
    memory = estimate([part[:2] for part in parts], spec, data)
    if memory.total > MOST_BYTES:
        _report_memory(memory, findings)


def _check_parameters(parts: list[Part], findings: Findings) -> bool:
    large = [part for part in parts if (part.known.parameters or 0) > MOST_PARAMETERS]
    for part in large:
        _report_layer(part, findings)
    total = sum(part.known.parameters or 0 for part in parts)
    if not large and total > MOST_PARAMETERS:
        node, known, _ = max(parts, key=lambda part: part.known.parameters or 0)
        findings.error(
            "too-many-parameters",
            f"the model would hold {total:,} parameters; the budget is {MOST_PARAMETERS:,}",
            node.object.span,
            hint=f"the largest layer, with {known.parameters or 0:,}",
            notes=[ANYWAY],
        )
    return not large and total <= MOST_PARAMETERS


def _report_layer(part: Part, findings: Findings) -> None:
    node, known, _ = part
    findings.error(
        "too-many-parameters",
        f"the layer {spoken(node)} would hold {known.parameters:,} parameters; the budget of a "
        f"model is {MOST_PARAMETERS:,}",
        node.object.span,
        notes=[*_inputs(known), *_mend(part), ANYWAY],
    )


def _inputs(known: Known) -> list[str]:
    shapes = [shape for shapes in known.given.values() for shape in shapes]
    return [f"input shape: {shape}" for shape in shapes]


def _mend(part: Part) -> list[str]:
    word = part.node.object.name
    if word == "Dense" and _is_flattened(part):
        return [
            "pooling makes the input smaller: `GlobalAveragePooling2D` in the place of `Flatten`, "
            "or `MaxPooling2D` before it"
        ]
    arguments = {"Dense": "units", "Embedding": "input_dim` or `output_dim"}
    argument = arguments.get(word, "filters" if "Conv" in word else "")
    return [f"make `{argument}` smaller"] if argument else []


def _is_flattened(part: Part) -> bool:
    """Whether the layer is called on a `Flatten`."""
    above = {name for name in part.node.sources.values() if isinstance(name, str)}
    return any(node.name in above and node.object.name == "Flatten" for node in part.graph.nodes)


def _report_memory(memory: Memory, findings: Findings) -> None:
    node, known = memory.largest
    findings.error(
        "too-much-memory",
        f"{memory.what} would take about {size_text(memory.total)}; the budget is "
        f"{size_text(MOST_BYTES)}",
        node.object.span,
        hint=f"the most of it: {size_text(memory.of_largest)}",
        notes=[*_inputs(known), *memory.told(), ANYWAY],
    )
