"""The inputs that the spec declares, held against what the data gives."""

from __future__ import annotations

from modelforge.findings import Findings, did_you_mean, listed
from modelforge.graph.given import Given, Sizes
from modelforge.graph.graph import Graph
from modelforge.spec import InputItem


def check_inputs(graph: Graph, data: Given, findings: Findings) -> None:
    """Adds what does not agree."""
    if graph.inputs is None or not data.shapes:
        return
    if len(graph.inputs) == 1 and len(data.shapes) == 1:
        _check_shape(graph.inputs[0], next(iter(data.shapes.values())), findings)
        return
    for item in graph.inputs:
        if item.name in data.shapes:
            _check_shape(item, data.shapes[item.name], findings)
        else:
            findings.error(
                "unknown-input",
                f"the data gives no input `{item.name}`",
                item.span,
                hint=did_you_mean(item.name, data.shapes),
                notes=[f"inputs that it gives: {listed(data.shapes)}"],
            )


def _check_shape(item: InputItem, given: Sizes, findings: Findings) -> None:
    fits = len(item.shape) == len(given) and all(
        declared is None or real is None or declared == real
        for declared, real in zip(item.shape, given, strict=True)
    )
    if not fits:
        findings.error(
            "input-shape",
            f"the input `{item.name}` is declared as {list(item.shape)}, but the data gives "
            f"{list(given)}",
            item.span,
            notes=["`model.inputs` may be left out where the data tells the shapes"],
        )
