"""`model.weights`: the layers of a model start from what a file holds for them."""

from __future__ import annotations

from typing import Any

import keras

from modelforge.build.calls import whole
from modelforge.build.inner import held_at
from modelforge.findings import Findings
from modelforge.graph import Graph
from modelforge.graph.graph import models_inside
from modelforge.loading.matched import load_weights


def start_from_files(graph: Graph, model: Any, findings: Findings) -> None:
    """Reads the weights that a spec names into a built model, those of models within first.

    Adds a warning with what was matched where a part was enough; raises Refused where it was not.
    """
    for node in graph.nodes:
        if node.shares:
            continue
        if node.model is not None:
            start_from_files(node.model, whole(model.get_layer(node.name)), findings)
        for path, inner in models_inside(node.object):
            held = held_at(whole(model.get_layer(node.name)), path) if inner.graph else None
            if inner.graph is not None and isinstance(held, keras.Model):
                start_from_files(inner.graph, held, findings)
    wanted = graph.weights
    if wanted is None:
        return
    report = load_weights(model, wanted.path, wanted.span, partial=wanted.partial)
    if not report.whole:
        findings.warning(
            "partial-weights",
            f"a part of the weights was read from `{wanted.path}`",
            wanted.span,
            notes=report.lines(),
        )
