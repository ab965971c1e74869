"""Steps whose number is left open: Keras counts them wrongly where a traced call does not tell."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.findings import Findings
from modelforge.graph.graph import Graph
from modelforge.graph.shapes.infer import UNKNOWN
from modelforge.graph.shapes.known import Known
from modelforge.graph.told import spoken

_WHY = (
    "where batches differ in it, and in an exported model, Keras 3.15.1 takes as many steps as "
    "there are samples in the batch: the others are missing in the result"
)


def check_steps(graph: Graph, known: Mapping[str, Known], findings: Findings) -> None:
    """Adds a warning for every `TimeDistributed` that is called on an open number of steps."""
    for node in graph.nodes:
        found = known.get(node.name, UNKNOWN)
        given = next(iter(found.given.values()), ())
        if node.object.name == "TimeDistributed" and given and given[0][1] is None:
            findings.warning(
                "open-steps",
                f"how many steps the layer {spoken(node)} is applied to is left open",
                node.span if node.shares else node.object.span,
                hint="say it in the shape of the input",
                notes=[f"input shape: {given[0]}", _WHY],
            )
        for prefix, inner in node.inner if found.inner is not None else ():
            check_steps(inner, found.inner_of(prefix), findings)
