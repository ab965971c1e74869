"""One of several outputs: `encoder.1` counts from 0, `encoder.mean` names an output of a model."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping

from modelforge.findings import Findings, Span, listed
from modelforge.graph.graph import Graph, Node
from modelforge.graph.told import spoken
from modelforge.spec import Object

# What Keras never calls on a list. Much else lets one pass, each in its own way.
_TAKES_ONE = """
    BatchNormalization Bidirectional CategoryEncoding Conv1D Conv1DTranspose Conv2D Conv2DTranspose
    Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Cropping1D Cropping2D Cropping3D Dense
    DepthwiseConv1D DepthwiseConv2D Discretization Embedding Flatten GRU GlobalAveragePooling1D
    GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D
    GlobalMaxPooling3D GroupNormalization LSTM LayerNormalization Masking MaxPooling1D MaxPooling2D
    MaxPooling3D MultiHeadAttention Normalization PReLU Permute RMSNormalization RepeatVector
    Reshape SeparableConv1D SeparableConv2D SimpleRNN UpSampling1D UpSampling2D UpSampling3D
    ZeroPadding1D ZeroPadding2D ZeroPadding3D
    ops.abs ops.argmax ops.cast ops.clip ops.cumsum ops.exp ops.expand_dims ops.flip ops.log ops.max
    ops.mean ops.min ops.negative ops.norm ops.normalize ops.prod ops.relu ops.reshape ops.sigmoid
    ops.softmax ops.split ops.sqrt ops.square ops.squeeze ops.std ops.sum ops.tanh ops.transpose
"""
TAKES_ONE = frozenset(_TAKES_ONE.split())

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
                hint=_mend_of_one(nodes[whole]) if count == 1 else "",
                notes=[] if count == 1 else [f"they count from 0: {_each(whole, count)}"],
            )
    _check_wholes(graph, nodes, counts, findings)
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


def _check_wholes(
    graph: Graph, nodes: Mapping[str, Node], counts: Mapping[str, int], findings: Findings
) -> None:
    """Adds findings for layers of one tensor that are called on all that a layer gives."""
    for node in graph.nodes:
        for argument, name in node.sources.items():
            if not isinstance(name, str) or counts.get(name, 1) <= 1 or name not in nodes:
                continue
            if _called(node) in TAKES_ONE and argument != "initial_state":
                findings.error(
                    "whole-of-several",
                    f"the layer {spoken(nodes[name])} has {_outputs(counts[name])}, and "
                    f"{spoken(node)} is called on one",
                    node.source_spans.get(name, node.span),
                    hint=f"say which: `from: {name}.0`",
                    notes=[f"they count from 0: {_each(name, counts[name])}"],
                )


def _called(node: Node) -> str:
    """What is called on the tensors: the layer, or the one that `TimeDistributed` applies."""
    inner = node.object.arguments.get("layer") if node.object.name == "TimeDistributed" else None
    return inner.name if isinstance(inner, Object) else node.object.name


def _spoken_of(graph: Graph) -> Iterator[tuple[str, Span]]:
    for node in graph.nodes:
        for name in source_names(node):
            yield name, node.source_spans.get(name, node.span)
    for name in graph.outputs:
        yield name, graph.output_spans.get(name, graph.span)


def _mend_of_one(node: Node) -> str:
    mend = f"write `{node.name}`"
    if node.object.name in ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional"):
        return f"{mend}, or for its states give it `return_state: true`"
    return mend


def _outputs(count: int) -> str:
    return "one output" if count == 1 else f"{count} outputs"


def _each(whole: str, count: int) -> str:
    return listed([f"{whole}.{number}" for number in range(count)], 5)
