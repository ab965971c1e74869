"""Layers become a graph: what each is called on, in an order in which that can be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from modelforge.catalog import Catalog
from modelforge.catalog.naming import MAIN
from modelforge.findings import Findings, did_you_mean, listed
from modelforge.graph.calls import sources_of
from modelforge.graph.graph import Graph, Node
from modelforge.graph.inner import with_models
from modelforge.graph.names import name_layers
from modelforge.graph.options import call_of
from modelforge.graph.parts import Wholes, check_parts, source_names
from modelforge.graph.shared import Shared
from modelforge.spec import InputItem, LayerItem, ModelSection, Object


def wire(model: ModelSection, catalog: Catalog, findings: Findings) -> Graph | None:
    """The graph of a model, or None where it cannot be wired; the reasons are in `findings`."""
    before = len(findings.errors)
    inputs = model.inputs or ()
    names = name_layers(inputs, model.layers, findings)
    input_names = [item.name for item in inputs] or [MAIN]
    shared = Shared(names, model.layers, findings)
    nodes: list[Node] = []
    objects: dict[str, Object] = {}
    for position, layer in enumerate(model.layers):
        above = names[position - 1] if position else _first_input(layer, input_names, findings)
        node = _node(layer, names[position], above, shared, catalog, findings)
        if node.layer not in objects:
            objects[node.layer] = with_models(node.object, wire, catalog, findings)
        same = objects[node.layer] is node.object
        nodes.append(node if same else replace(node, object=objects[node.layer]))
    wholes = Wholes(nodes)
    _check_sources(model.layers, wholes, input_names, findings)
    outputs = _outputs(model, names, wholes, findings)
    if len(findings.errors) > before:
        return None
    ordered = _order(nodes, wholes, findings)
    if ordered is None:
        return None
    graph = Graph(
        model.inputs, tuple(ordered), outputs, model.span, model.output_spans, model.weights
    )
    _check_use(graph, wholes, inputs, findings)
    check_parts(graph, _known_counts(graph), findings)
    return graph if len(findings.errors) == before else None


def _node(
    layer: LayerItem,
    name: str,
    above: str,
    shared: Shared,
    catalog: Catalog,
    findings: Findings,
) -> Node:
    owner, item = shared.owner(layer)
    sources = sources_of(layer, item, above, catalog, findings)
    # A model among the layers has names of its own.
    graph = wire(layer.model, catalog, findings) if layer.model is not None else None
    saved = None
    if item.load is not None:
        from modelforge.graph.saved import saved_model  # few specs load a model

        saved = saved_model(item.load, findings)
    call = call_of(layer, item, findings)
    spans = layer.source_spans
    return Node(name, item.object, sources, call, layer.span, owner, graph, spans, saved)


def _known_counts(graph: Graph) -> dict[str, int]:
    """How many outputs the models among the layers have."""
    outputs = {node.name: node.output_names for node in graph.nodes if node.output_names}
    return {node.name: len(outputs[node.layer]) for node in graph.nodes if node.layer in outputs}


def _first_input(layer: LayerItem, inputs: list[str], findings: Findings) -> str:
    if len(inputs) > 1 and layer.sources is None:
        findings.error(
            "ambiguous-input",
            f"the first layer has {len(inputs)} inputs to choose from",
            layer.span,
            hint=f"say `from: {inputs[0]}` or another beside it",
            notes=["the inputs: " + listed(inputs)],
        )
    return inputs[0]


def _check_sources(
    layers: tuple[LayerItem, ...], wholes: Wholes, inputs: list[str], findings: Findings
) -> None:
    known = {*inputs, *wholes.nodes, *wholes.parts}
    for layer in layers:
        sources = layer.sources
        if sources is None:
            continue
        groups = sources.values() if isinstance(sources, Mapping) else sources
        for group in groups:
            for name in [group] if isinstance(group, str) else group:
                if name not in known and name not in wholes:
                    if findings.enough("unknown-source"):
                        return
                    findings.error(
                        "unknown-source",
                        f"there is no layer or input called `{name}`",
                        layer.source_spans.get(name, layer.span),
                        hint=did_you_mean(name, known),
                        notes=["names: " + listed(sorted(known), 20)],
                    )


def _outputs(
    model: ModelSection, names: list[str], wholes: Wholes, findings: Findings
) -> tuple[str, ...]:
    if model.outputs is None:
        return (names[-1],)
    seen: set[str] = set()
    for name in model.outputs:
        span = model.output_spans[name]
        if name not in wholes:
            findings.error(
                "unknown-output",
                f"there is no layer called `{name}`",
                span,
                hint=did_you_mean(name, names),
                notes=["layers: " + listed(names, 20)],
            )
        elif name in seen:
            findings.error("duplicate-output", f"the output `{name}` is listed twice", span)
        seen.add(name)
    return model.outputs


def _order(nodes: list[Node], wholes: Wholes, findings: Findings) -> list[Node] | None:
    """The nodes so that each comes after what it is called on, else in the order written."""
    by_name = wholes.nodes
    wiring = {
        node.name: [whole for name in source_names(node) if (whole := wholes.of(name)) in by_name]
        for node in nodes
    }
    try:
        order = list(TopologicalSorter(wiring).static_order())
    except CycleError as cycle:
        chain = list(reversed(cycle.args[1]))
        start = min(range(len(chain) - 1), key=lambda i: by_name[chain[i]].span[1:3])
        chain = chain[start:-1] + chain[: start + 1]
        findings.error(
            "cycle",
            "these layers are called on each other: " + " -> ".join(chain),
            by_name[chain[0]].span,
            notes=["a layer can only be called on what is there before it"],
        )
        return None
    place = {name: position for position, name in enumerate(wiring)}
    if all(place[source] < place[name] for name, sources in wiring.items() for source in sources):
        return nodes  # it was written in a good order, which reads best everywhere
    return [by_name[name] for name in order]


def _check_use(
    graph: Graph, wholes: Wholes, inputs: tuple[InputItem, ...], findings: Findings
) -> None:
    by_name = wholes.nodes
    used: set[str] = set()
    stack = list(graph.outputs)
    while stack:
        name = wholes.of(stack.pop())
        if name not in used:
            used.add(name)
            stack.extend(source_names(by_name[name]) if name in by_name else [])
    for node in graph.nodes:
        if node.name not in used:
            findings.error(
                "unused-layer",
                f"nothing uses the layer `{node.name}`",
                node.span,
                notes=[
                    f"the outputs are {listed(graph.outputs)}; use it in a `from`, or leave it out"
                ],
            )
    for item in inputs:
        if item.name not in used:
            findings.error(
                "unused-input",
                f"no layer uses the input `{item.name}`",
                item.span,
                hint=f"say `from: {item.name}` beside a layer, or leave it out",
            )
