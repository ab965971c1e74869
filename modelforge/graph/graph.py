"""The wired graph: which layer is called on what, in an order in which it can be built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modelforge.findings import Span
from modelforge.spec import InputItem, Object, Value

if TYPE_CHECKING:
    from modelforge.graph.saved import Saved


@dataclass(frozen=True, slots=True)
class Node:
    """One call of one layer.

    name: unique in the graph; also the Keras name of the layer.
    sources: names of nodes or inputs by call argument; a tuple of names where the argument takes
        a list of tensors. The first call argument is called "" where its name does not matter.
        `encoder.1` is the second output of the node `encoder`.
    call: further arguments of the call.
    shares: the node whose layer this one applies again; empty where the layer is its own.
    model: the graph of a layer that is a model itself; saved: of one that is loaded.
    """

    name: str
    object: Object
    sources: Mapping[str, str | tuple[str, ...]]
    call: Mapping[str, Value]
    span: Span = field(compare=False)
    shares: str = ""
    model: Graph | None = None
    source_spans: Mapping[str, Span] = field(compare=False, default_factory=dict)
    saved: Saved | None = None

    @property
    def output_names(self) -> tuple[str, ...]:
        """The names of the outputs of a layer that is a model; empty for any other."""
        if self.saved is not None:
            return tuple(output.name for output in self.saved.outputs)
        return self.model.outputs if self.model is not None else ()

    @property
    def layer(self) -> str:
        """The name of the layer that is called: the node's own, or that of the one it shares."""
        return self.shares or self.name


@dataclass(frozen=True, slots=True)
class Graph:
    """inputs: None where the data is to tell them; nodes in call order.

    outputs: names of nodes, or of one of their outputs.
    """

    inputs: tuple[InputItem, ...] | None
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]
    span: Span = field(compare=False)
    output_spans: Mapping[str, Span] = field(compare=False, default_factory=dict)

    def node(self, name: str) -> Node:
        """The node of this name; KeyError if there is none."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(name)


def saved_files(graph: Graph) -> dict[str, str]:
    """The files of the saved models in a graph, by the path under which the spec loads them."""
    found: dict[str, str] = {}
    for node in graph.nodes:
        if node.saved is not None:
            found[node.saved.path] = node.saved.file.path
        if node.model is not None:
            found |= saved_files(node.model)
    return found
