"""The inputs that the spec declares, held against what the data gives."""

from __future__ import annotations

from modelforge.data.bundle import Bundle, Tensor
from modelforge.findings import Findings, did_you_mean, listed
from modelforge.graph import Graph
from modelforge.spec import InputItem


def check_inputs(graph: Graph, bundle: Bundle, findings: Findings) -> None:
    """Adds what does not agree."""
    if graph.inputs is None:
        return
    if len(graph.inputs) == 1 and len(bundle.inputs) == 1:
        _check_shape(graph.inputs[0], next(iter(bundle.inputs.values())), findings)
        return
    for item in graph.inputs:
        if item.name in bundle.inputs:
            _check_shape(item, bundle.inputs[item.name], findings)
        else:
            findings.error(
                "unknown-input",
                f"the data gives no input `{item.name}`",
                item.span,
                hint=did_you_mean(item.name, bundle.inputs),
                notes=[f"inputs that it gives: {listed(bundle.inputs)}"],
            )


def _check_shape(item: InputItem, given: Tensor, findings: Findings) -> None:
    fits = len(item.shape) == len(given.shape) and all(
        declared is None or real is None or declared == real
        for declared, real in zip(item.shape, given.shape, strict=True)
    )
    if not fits:
        findings.error(
            "input-shape",
            f"the input `{item.name}` is declared as {list(item.shape)}, but the data gives "
            f"{list(given.shape)}",
            item.span,
            notes=["`model.inputs` may be left out where the data tells the shapes"],
        )
