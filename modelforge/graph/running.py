"""Layers that fit when Keras makes the model, and not what they are called on when it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from modelforge.findings import Findings
from modelforge.graph.graph import Graph, Node
from modelforge.graph.shapes import infer
from modelforge.graph.shapes.infer import UNKNOWN
from modelforge.graph.shapes.known import Known, Shape
from modelforge.graph.shapes.running import RUNNING
from modelforge.graph.told import input_shapes, spoken
from modelforge.spec import Object
from modelforge.spec.inside import inside

_WHY = {
    "RandomCrop": "crops in training only (a `CenterCrop` behind it crops always)",
    "EinsumDense": "leaves a size open that it has when it runs",
}
_OTHERWISE = "gives another shape when it runs than Keras 3.15.1 says beforehand"


def check_running(
    graph: Graph,
    known: Mapping[str, Known],
    inputs: Mapping[str, Shape] | None,
    findings: Findings,
) -> None:
    """Adds an error for each layer that Keras makes for other shapes than those it will be given.

    known: what is known of the model as Keras makes it, in which there are no clashes.
    """
    if RUNNING.keys().isdisjoint(_words(graph)):
        return
    found = Findings()
    running = infer(graph, inputs, found, running=True)
    reasons = list(_reasons(graph, known, running))
    findings.extend(replace(error, notes=(*error.notes, *reasons)) for error in found.errors)
    if not found.errors:
        _compare(graph, known, running, reasons, findings)


def _words(graph: Graph) -> Iterator[str]:
    for node in graph.nodes:
        yield from _words_of(node.object)
        for _, inner in node.inner:
            yield from _words(inner)


def _words_of(layer: Object) -> Iterator[str]:
    yield layer.name
    for _, part in inside(layer):
        yield part.name


def _reasons(
    graph: Graph, known: Mapping[str, Known], running: Mapping[str, Known]
) -> Iterator[str]:
    """What makes the difference: the layers that give something else when they run."""
    for node in graph.nodes:
        said, found = known.get(node.name, UNKNOWN), running.get(node.name, UNKNOWN)
        for prefix, inner in node.inner:
            yield from _reasons(inner, said.inner_of(prefix), found.inner_of(prefix))
        word = next((word for word in _words_of(node.object) if word in RUNNING), "")
        if word and said.shapes and found.shapes and said.shapes != found.shapes:
            why = _WHY.get(word, _OTHERWISE)
            yield f"{spoken(node)} {why}: {_told(found.shapes)} instead of {_told(said.shapes)}"


def _compare(
    graph: Graph,
    known: Mapping[str, Known],
    running: Mapping[str, Known],
    reasons: list[str],
    findings: Findings,
) -> None:
    """Adds an error for the first layer whose weights or inputs are made for other shapes."""
    for node in graph.nodes:
        said, found = known.get(node.name, UNKNOWN), running.get(node.name, UNKNOWN)
        counts = (said.parameters, found.parameters)
        model = node.model is not None and not _alike(said.given, found.given)
        if model or (None not in counts and counts[0] != counts[1] and not node.inner):
            made = _told(shape for shapes in said.given.values() for shape in shapes)
            findings.error(
                "shape-clash",
                f"the layer {spoken(node)} does not fit what it is called on when it runs: it is "
                f"made for {made}",
                node.span if node.shares else node.object.span,
                notes=[*input_shapes(node, _shapes(node, found)), *reasons],
            )
            return
        for prefix, inner in node.inner:
            _compare(inner, said.inner_of(prefix), found.inner_of(prefix), reasons, findings)


def _shapes(node: Node, found: Known) -> Callable[[str], str]:
    """The shapes that a layer is called on, by the names that they have."""
    shapes: dict[str, str] = {}
    for argument, source in node.sources.items():
        names = (source,) if isinstance(source, str) else source
        shapes |= dict(zip(names, map(str, found.given.get(argument, ())), strict=False))
    return lambda name: shapes.get(name, "unknown")


def _alike(one: Mapping[str, tuple[Shape, ...]], other: Mapping[str, tuple[Shape, ...]]) -> bool:
    """Whether no size that both know differs."""
    pairs = [
        pair
        for argument, shapes in one.items()
        for both in zip(shapes, other.get(argument, ()), strict=False)
        for pair in zip(*both, strict=False)
    ]
    return all(a == b for a, b in pairs if None not in (a, b))


def _told(shapes: Iterable[Shape]) -> str:
    return ", ".join(map(str, shapes))
