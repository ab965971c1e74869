"""One of several outputs: `encoder.1` counts from 0, `encoder.mean` names an output of a model."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping

from modelforge.findings import Findings, Span, listed
from modelforge.graph.graph import Graph, Node
from modelforge.graph.told import spoken

_NUMBERED = re.compile(r"(?P<whole>.+)\.(?P<number>0|[1-9][0-9]{0,5})")


def named_parts(nodes: Iterable[Node]) -> dict[str, str]:
    """The named outputs of models among the layers, and the nodes that give them."""
    nodes = list(nodes)
    outputs = {node.name: node.output_names for node in nodes}
    return {
        f"{node.name}.{output}": node.name
        for node in nodes
        if len(outputs.get(node.layer, ())) > 1
        for output in outputs[node.layer]
    }


def numbered(name: str, wholes: Container[str]) -> tuple[str, int] | None:
    """The layer and the number that a name speaks of; None where it is the name of a layer."""
    match = None if name in wholes else _NUMBERED.fullmatch(name)
    if match is None or match["whole"] not in wholes:
        return None
    return match["whole"], int(match["number"])


class Wholes:
    """Finds the node that gives an output."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        nodes = list(nodes)
        self.nodes = {node.name: node for node in nodes}
        self.parts = named_parts(nodes)

    def __contains__(self, name: str) -> bool:
        return self.of(name) in self.nodes

    def of(self, name: str) -> str:
        """The node's name; that of an input as it is."""
        if name in self.nodes:
            return name
        if name in self.parts:
            return self.parts[name]
        found = numbered(name, self.nodes)
        return found[0] if found else name


def source_names(node: Node) -> list[str]:
    """The names of everything that a node is called on."""
    found: list[str] = []
    for source in node.sources.values():
        found.extend([source] if isinstance(source, str) else source)
    return found


def check_parts(graph: Graph, counts: Mapping[str, int], findings: Findings) -> None:
    """Adds findings for outputs that a layer does not have, and for several that must be one.

    counts: how many outputs a node has, as far as that is known.
    """
    nodes = {node.name: node for node in graph.nodes}
    for name, place in _spoken_of(graph):
        found = numbered(name, nodes)
        if found is None or found[0] not in counts:
            continue
        whole, number = found
        count = counts[whole]
        if count == 1 or number >= count:
            findings.error(
                "unknown-part",
                f"the layer {spoken(nodes[whole])} has {_outputs(count)}, and no `{name}`",
                place,
                hint=f"write `{whole}`" if count == 1 else "",
                notes=[] if count == 1 else [f"they count from 0: {_each(whole, count)}"],
            )
    for name in graph.outputs:
        if counts.get(name, 1) > 1 and name in nodes:
            findings.error(
                "output-of-several",
                f"the layer {spoken(nodes[name])} has {_outputs(counts[name])}, and an output of "
                "the model is one",
                graph.output_spans.get(name, nodes[name].span),
                hint=f"say which, for example `outputs: [{name}.0]`",
                notes=[f"they count from 0: {_each(name, counts[name])}"],
            )


def _spoken_of(graph: Graph) -> Iterator[tuple[str, Span]]:
    for node in graph.nodes:
        for name in source_names(node):
            yield name, node.source_spans.get(name, node.span)
    for name in graph.outputs:
        yield name, graph.output_spans.get(name, graph.span)


def _outputs(count: int) -> str:
    return "one output" if count == 1 else f"{count} outputs"


def _each(whole: str, count: int) -> str:
    return listed([f"{whole}.{number}" for number in range(count)], 5)
