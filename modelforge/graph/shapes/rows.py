"""The layers of a graph as rows: name, class, output shape and dtype, parameters, sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelforge.graph.graph import Graph, Node
from modelforge.graph.parts import source_names
from modelforge.graph.shapes.known import Known

Row = dict[str, Any]


def rows(graph: Graph, known: Mapping[str, Known]) -> list[Row] | None:
    """One row for each layer with plain values; None where something is not known.

    shape: with None for the batch axis and for sizes left open; a list of shapes where the layer
    has several outputs. dtype: as many, None where it is not certain. parameters: all of the
    layer's weights; trainable: those that are trained.
    layers: of a model among the layers, or in an argument of one, the rows of its own.
    """
    found = [_row(node, known[node.name]) for node in graph.nodes]
    told = [row for row in found if row is not None]
    return told if len(told) == len(found) else None


def _row(node: Node, known: Known) -> Row | None:
    inner = _inner(node, known)
    if known.shapes is None or known.parameters is None or inner is None:
        return None
    shapes = [list(shape) for shape in known.shapes]
    dtypes = [*(known.dtypes or (None,) * len(shapes))]
    row = {
        "name": node.name,
        "class": node.object.name if not node.shares else f"use {node.shares}",
        "shape": shapes[0] if len(shapes) == 1 else shapes,
        "dtype": dtypes[0] if len(dtypes) == 1 else dtypes,
        "parameters": known.parameters,
        "trainable": known.trainable,
        "sources": source_names(node),
    }
    return {**row, "layers": inner} if inner else row


def _inner(node: Node, known: Known) -> list[Row] | None:
    found: list[Row] = []
    for prefix, graph in node.inner if known.inner is not None else ():
        told = rows(graph, known.inner_of(prefix))
        if told is None:
            return None
        found += [{**row, "name": prefix + row["name"]} for row in told]
    return found
