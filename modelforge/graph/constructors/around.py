"""Layers around a layer: which ones they can be put around."""

from __future__ import annotations

from collections.abc import Iterator

from modelforge.catalog import load_catalog
from modelforge.graph.constructors.values import Refusal, Values
from modelforge.graph.graph import WiredModel
from modelforge.spec import Object

_STEPWISE = ("LSTM", "GRU", "SimpleRNN", "RNN")
RECURRENT = frozenset({*_STEPWISE, *(f"ConvLSTM{number}D" for number in (1, 2, 3))})
CELLS = frozenset({"LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells"})


def both_ways(values: Values) -> Iterator[Refusal]:
    """A layer forwards, and one backwards."""
    layer, back = values.object("layer"), values.object("backward_layer")
    for argument, found in (("layer", layer), ("backward_layer", back)):
        if found is not None and _is_other(found, RECURRENT):
            yield Refusal(
                argument,
                f"{_told(found)} is not recurrent, and cannot go backwards",
                "use `LSTM`, `GRU` ...; what else there is goes before it or behind it",
            )
    if layer is None or back is None or not {layer.name, back.name} <= {*_STEPWISE}:
        return
    if back.arguments.get("go_backwards", False) == layer.arguments.get("go_backwards", False):
        message = "both layers go the same way"
        yield Refusal("backward_layer", message, "give `backward_layer` a `go_backwards: true`")


def celled(values: Values) -> Iterator[Refusal]:
    """A recurrent layer around a cell."""
    cell = values.object("cell")
    if cell is not None and _is_other(cell, CELLS | RECURRENT):
        yield Refusal("cell", f"{_told(cell)} is no cell", "use `LSTMCell`, `GRUCell` ...")


def stacked(values: Values) -> Iterator[Refusal]:
    """Cells in a row."""
    for number, cell in enumerate(values.list("cells") or ()):
        if isinstance(cell, Object) and _is_other(cell, CELLS | RECURRENT):
            argument = f"cells.{number}"
            yield Refusal(argument, f"{_told(cell)} is no cell", "use `LSTMCell`, `GRUCell` ...")


def _is_other(found: Object, known: frozenset[str]) -> bool:
    """Whether it is something of Keras, a model included, that is not among those.

    What a plugin brings may be anything.
    """
    if isinstance(found, WiredModel) or found.kind == "application":
        return True
    return found.name not in known and load_catalog().find(found.name, "layer") is not None


def _told(found: Object) -> str:
    return "a model" if isinstance(found, WiredModel) else f"`{found.name}`"
