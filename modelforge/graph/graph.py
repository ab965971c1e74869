"""The wired graph: which layer is called on what, in an order in which it can be built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modelforge.catalog.own.backbones import layers_of
from modelforge.findings import Span
from modelforge.spec import InputItem, Object, Value, WeightsItem
from modelforge.spec.inside import Path, inside

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
        if self.object.kind == "application":
            return layers_of(self.object.arguments)
        return self.model.outputs if self.model is not None else ()

    @property
    def inner(self) -> tuple[tuple[str, Graph], ...]:
        """The graphs of the models that the layer is or has in its arguments.

        Each with what the names of its nodes begin with among all of them: nothing where it is
        the only one.
        """
        if self.model is not None:
            return (("", self.model),)
        graphs = [model.graph for _, model in models_inside(self.object) if model.graph is not None]
        if len(graphs) == 1:
            return (("", graphs[0]),)
        return tuple((f"{number}.", graph) for number, graph in enumerate(graphs))

    @property
    def layer(self) -> str:
        """The name of the layer that is called: the node's own, or that of the one it shares."""
        return self.shares or self.name


@dataclass(frozen=True, slots=True)
class Graph:
    """inputs: None where the data is to tell them; nodes in call order.

    outputs: names of nodes, or of one of their outputs. weights: what its layers start from.
    """

    inputs: tuple[InputItem, ...] | None
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]
    span: Span = field(compare=False)
    output_spans: Mapping[str, Span] = field(compare=False, default_factory=dict)
    weights: WeightsItem | None = None

    def node(self, name: str) -> Node:
        """The node of this name; KeyError if there is none."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class WiredModel(Object):
    """A model in an argument of a layer: its graph, or the saved model that it is."""

    graph: Graph | None = None
    saved: Saved | None = None


def models_inside(found: Object) -> Iterator[tuple[Path, WiredModel]]:
    """The models in the arguments of a wired layer, and the arguments that lead to them."""
    for path, inner in inside(found):
        if isinstance(inner, WiredModel):
            yield path, inner


def weights_file(found: Object) -> str | None:
    """The file that a network of keras.applications takes its weights from, if it takes any."""
    weights = found.arguments.get("weights") if found.kind == "application" else None
    return weights if isinstance(weights, str) and weights != "imagenet" else None


def saved_files(graph: Graph) -> dict[str, str]:
    """The files of saved models and weights in a graph, by the path under which it loads them."""
    from modelforge.modelfile.place import model_file  # few specs name a file

    found: dict[str, str] = {}
    if graph.weights is not None:
        found[graph.weights.path] = model_file(graph.weights.path)
    for node in graph.nodes:
        for word in (node.object, *(each for _, each in inside(node.object))):
            weights = weights_file(word)
            if weights is not None:
                found[weights] = model_file(weights)
        inner = [model.saved for _, model in models_inside(node.object)]
        for saved in (node.saved, *inner):
            if saved is not None:
                found[saved.path] = saved.file.path
        for _, model in node.inner:
            found |= saved_files(model)
    return found
