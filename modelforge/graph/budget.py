"""Accidents of size: models that no machine could hold are refused before anything is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from modelforge.findings import Findings
from modelforge.graph.given import Given
from modelforge.graph.graph import Graph, Node
from modelforge.graph.memory import Memory, estimate, in_words
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
    """Every layer, those within models in the place of the models."""
    for node in graph.nodes:
        found = known[node.name]
        if node.model is None or found.inner is None:
            yield Part(node, found, graph)
        else:
            yield from parts_of(node.model, found.inner)


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
        f"{memory.what} would take about {in_words(memory.total)}; the budget is "
        f"{in_words(MOST_BYTES)}",
        node.object.span,
        hint=f"the most of it: {in_words(memory.of_largest)}",
        notes=[*_inputs(known), *memory.told(), ANYWAY],
    )
