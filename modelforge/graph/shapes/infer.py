"""The front door: shapes and parameters of every node of a graph, clashes as findings."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.findings import Findings
from modelforge.graph.graph import MAIN, Graph, Node
from modelforge.graph.parts import check_parts
from modelforge.graph.shapes.evaluate import evaluate
from modelforge.graph.shapes.known import Clash, Known, Shape, Unknown
from modelforge.graph.told import input_shapes, spoken
from modelforge.spec import InputItem

UNKNOWN = Known()


def infer(
    graph: Graph, inputs: Mapping[str, tuple[int | None, ...]] | None, findings: Findings
) -> dict[str, Known]:
    """What is known of each node, by name, in the order of the graph.

    inputs: the shapes that the data gives, by input and without the batch axis; None where there
    is no data. The inputs that the spec declares come before them. The shapes that are returned
    have the batch axis (None), as Keras's own have.
    """
    tensors = _entrances(graph, inputs or {})
    found: dict[str, Known] = {}
    names = {node.name for node in graph.nodes}
    for node in graph.nodes:
        known = found[node.name] = _known(node, tensors, findings)
        shapes = known.shapes or ()
        if len(shapes) == 1:
            tensors[node.name] = shapes[0]
        elif shapes:
            parts = {f"{node.name}.{number}": shape for number, shape in enumerate(shapes)}
            tensors |= {name: shape for name, shape in parts.items() if name not in names}
    counts = {name: len(known.shapes) for name, known in found.items() if known.shapes}
    check_parts(graph, counts, findings)
    return found


def _entrances(graph: Graph, inputs: Mapping[str, Shape]) -> dict[str, Shape]:
    if graph.inputs is not None:
        shapes = {item.name: _declared(item) for item in graph.inputs}
        return {name: shape for name, shape in shapes.items() if shape is not None}
    if len(inputs) != 1:
        return {}
    (shape,) = inputs.values()
    return {MAIN: (None, *shape)}


def _declared(item: InputItem) -> Shape | None:
    sizes = [size for size in item.shape if size is None or isinstance(size, int)]
    return (None, *sizes) if len(sizes) == len(item.shape) else None


def _known(node: Node, tensors: Mapping[str, Shape], findings: Findings) -> Known:
    inputs: dict[str, tuple[Shape, ...]] = {}
    for argument, source in node.sources.items():
        names = (source,) if isinstance(source, str) else source
        shapes = tuple(tensors[name] for name in names if name in tensors)
        if len(shapes) != len(names):
            return UNKNOWN
        inputs[argument] = shapes
    try:
        if node.saved is not None:
            from modelforge.graph.saved import infer_saved  # few specs load a model

            return infer_saved(node.saved, inputs)
        result = evaluate(node.object, inputs, node.call)
    except Unknown:
        return UNKNOWN
    except Clash as clash:
        _report(node, tensors, clash, findings)
        return UNKNOWN
    return Known(result.shapes, result.trainable, result.frozen)


def _report(node: Node, tensors: Mapping[str, Shape], clash: Clash, findings: Findings) -> None:
    notes = input_shapes(node, lambda name: str(tensors[name]))
    findings.error(
        "shape-clash",
        f"the layer {spoken(node)} does not fit what it is called on: {clash.message}",
        node.object.span,
        notes=[*notes, *([clash.mend] if clash.mend else [])],
    )
