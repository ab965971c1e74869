"""Numbers that reach an `Embedding` with fewer rows than there are of them."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.findings import Findings
from modelforge.graph.constructors.lookups import special_tokens
from modelforge.graph.constructors.values import Values
from modelforge.graph.defaults import defaults_of
from modelforge.graph.graph import Graph, Node
from modelforge.graph.told import spoken

_LOOKUPS = ("IntegerLookup", "StringLookup", "TextVectorization")
_HASHES = ("HashedCrossing", "Hashing")
# They leave the numbers as they are.
_KEEPING = ("Flatten", "Identity", "Permute", "RepeatVector", "Reshape")


def check_categories(graph: Graph, findings: Findings) -> None:
    """Adds an error for each `Embedding` that would be asked for a row that it has not.

    On a CPU TensorFlow fails at the first such number, on a GPU it gives zeros.
    """
    nodes = {node.name: node for node in graph.nodes}
    for node in graph.nodes:
        for _, inner in node.inner:
            check_categories(inner, findings)
        rows = node.object.arguments.get("input_dim")
        if node.object.name != "Embedding" or not isinstance(rows, int):
            continue
        maker = _maker(node, nodes)
        count = _count(maker) if maker is not None else None
        if maker is None or count is None or rows >= count:
            continue
        findings.error(
            "too-few-rows",
            f"the layer {spoken(node)} has {rows} rows, but {spoken(maker)} gives {count} numbers",
            node.span if node.shares else node.object.span_of("input_dim"),
            hint=f"say `input_dim: {count}`",
            notes=[f"{spoken(maker)} gives 0 to {count - 1}{_of_what(maker)}"],
        )


def _maker(node: Node, nodes: Mapping[str, Node]) -> Node | None:
    """The layer that made the numbers which a layer is called on; None where it is another."""
    found: Node | None = node
    for _ in nodes:
        sources = [*found.sources.values()] if found is not None else []
        if len(sources) != 1 or not isinstance(sources[0], str):
            return None
        found = nodes.get(sources[0])
        if found is None or found.object.name not in _KEEPING:
            return found
    return None


def _count(node: Node) -> int | None:
    """How many numbers a layer gives, from 0 upwards; None where that is not known."""
    layer = node.object
    defaults = defaults_of(layer.name, "layer")
    if not defaults or layer.name not in (*_LOOKUPS, *_HASHES, "Discretization"):
        return None
    values = Values(layer.arguments, defaults)
    if values.text("output_mode") != "int" or values.value("invert"):
        return None
    if layer.name in _HASHES:
        return _whole(values.number("num_bins"))
    if layer.name == "Discretization":
        boundaries = values.list("bin_boundaries")
        return len(boundaries) + 1 if boundaries is not None else None
    tokens = values.list("vocabulary")
    if tokens is None:
        return None
    special = ("", "[UNK]") if layer.name == "TextVectorization" else special_tokens(values)
    written = bool(special) and tokens[: len(special)] == special
    return len(tokens) + (0 if written else len(special))


def _whole(number: int | float | None) -> int | None:
    return number if isinstance(number, int) else None


def _of_what(node: Node) -> str:
    if node.object.name not in _LOOKUPS:
        return ""
    return ": one for each token, and those for what is masked and not in the vocabulary"
