"""Texts that reach a layer of numbers: Keras builds the model, and its first step fails."""

from __future__ import annotations

from modelforge.catalog.naming import MAIN
from modelforge.findings import Findings
from modelforge.graph.given import Given
from modelforge.graph.graph import Graph
from modelforge.graph.parts import source_names
from modelforge.graph.told import spoken

# Hand on texts as they are.
KEEP = frozenset({"Flatten", "Identity", "Permute", "Reshape"})
# Cast what they get to numbers, which TensorFlow does not do with texts.
COMPUTE = frozenset(
    {"BatchNormalization", "Dense", "EinsumDense", "Embedding", "GRU", "LSTM"}
    | {"LayerNormalization", "Normalization", "PReLU", "ReLU", "Rescaling", "SimpleRNN"}
    | {f"{kind}Conv{n}D" for kind in ("Depthwise", "Separable") for n in (1, 2)}
    | {f"Conv{n}D" for n in (1, 2, 3)}
    | {f"Global{kind}Pooling{n}D" for kind in ("Average", "Max") for n in (1, 2, 3)}
)


def check_texts(graph: Graph, data: Given, findings: Findings) -> None:
    """Adds an error for every layer that would compute with texts."""
    if graph.inputs is not None:
        texts = {item.name for item in graph.inputs if item.dtype == "string"}
    else:
        texts = {MAIN} if set(data.dtypes.values()) == {"string"} else set()
    for node in graph.nodes if texts else ():
        given = [name for name in source_names(node) if name in texts]
        if given and node.object.name in KEEP:
            texts.add(node.name)
        elif given and node.object.name in COMPUTE:
            findings.error(
                "text-as-numbers",
                f"the layer {spoken(node)} computes with numbers, but `{given[0]}` gives texts",
                node.span if node.shares else node.object.span,
                hint="put `StringLookup`, `Hashing` or `TextVectorization` before it",
            )
