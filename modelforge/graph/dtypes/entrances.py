"""The dtypes of a model's inputs: as the spec declares them, else as the data gives them."""

from __future__ import annotations

from modelforge.catalog.naming import MAIN
from modelforge.graph.dtypes.call import ANY, NUMBER
from modelforge.graph.dtypes.policy import named
from modelforge.graph.given import Given
from modelforge.graph.graph import Graph


def entrances(graph: Graph, data: Given | None, floatx: str) -> dict[str, str]:
    """The dtype of each input by name, NUMBER or ANY where it is not known.

    data: what is told of the spec's data; None where it has none.
    """
    if graph.inputs is None:
        return {MAIN: _only(data or Given())}
    return {
        item.name: named(item.dtype) if item.dtype else _given(item.name, data, floatx)
        for item in graph.inputs
    }


def _only(data: Given) -> str:
    if len(data.dtypes) == 1 and len(data.shapes) <= 1:
        (dtype,) = data.dtypes.values()
        return dtype
    return NUMBER if len(data.shapes) == 1 else ANY


def _given(name: str, data: Given | None, floatx: str) -> str:
    """Of an input that says nothing itself; where the data has none of its name, Keras decides."""
    if data is None or (data.shapes and name not in data.shapes):
        return floatx
    if name in data.dtypes:
        return data.dtypes[name]
    if data.shapes:
        return NUMBER  # texts would be told: only which whole numbers it holds is not known
    return floatx if set(data.dtypes.values()) == {floatx} else ANY
