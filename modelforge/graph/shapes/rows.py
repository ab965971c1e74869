"""The layers of a graph as rows: name, class, output shape, parameters, what each is called on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelforge.graph.graph import Graph
from modelforge.graph.parts import source_names
from modelforge.graph.shapes.known import Known

Row = dict[str, Any]


def rows(graph: Graph, known: Mapping[str, Known]) -> list[Row] | None:
    """One row for each layer with plain values; None where something is not known.

    shape: with None for the batch axis and for sizes left open; a list of shapes where the layer
    has several outputs. parameters: all of the layer's weights; trainable: those that are trained.
    """
    found: list[Row] = []
    for node in graph.nodes:
        it = known[node.name]
        if it.shapes is None or it.parameters is None:
            return None
        shapes = [list(shape) for shape in it.shapes]
        found.append(
            {
                "name": node.name,
                "class": node.object.name if not node.shares else f"use {node.shares}",
                "shape": shapes[0] if len(shapes) == 1 else shapes,
                "parameters": it.parameters,
                "trainable": it.trainable,
                "sources": source_names(node),
            }
        )
    return found
