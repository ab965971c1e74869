"""Goes through a whole configuration and objects to everything in it that could do harm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from modelforge.modelfile.allowed import objection
from modelforge.modelfile.doubts import Doubts, shown

MAX_TURNS = 100
TURNS = ("num_chains", "chain_depth", "num_ops")  # how often a layer goes round in Python
VOCABULARY = "vocabulary"  # values, or the path of a file with them


class Place(NamedTuple):
    """A value of the configuration, and the layer that it belongs to (empty for the model)."""

    value: Any
    layer: str


def check_harmless(configuration: dict[str, Any], doubts: Doubts) -> None:
    """Adds a finding for everything that may not be in a model file."""
    found: dict[str, None] = {}
    for value, layer in _mappings(configuration):
        where = f"the layer {shown(layer)}" if layer else "the model"
        for reason in _objections(value):
            found[f"{where} {reason}"] = None
    doubts.each("model-code", found, "a model file is data: nothing in it may run or read anything")


def _objections(mapping: dict[str, Any]) -> Iterator[str]:
    if "class_name" in mapping:
        reason = objection(mapping)
        if reason:
            yield reason
    vocabulary = mapping.get(VOCABULARY)
    if vocabulary is not None and not isinstance(vocabulary, list):
        yield f"reads the file {shown(vocabulary)} for its `{VOCABULARY}`"
    for key in TURNS:
        number = mapping.get(key)
        if isinstance(number, int | float) and number > MAX_TURNS:
            yield f"goes round {shown(number)} times for its `{key}`"


def _mappings(root: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Every mapping with the layer around it, in the order of the text."""
    # How the model is compiled is not read: it is opened for its layers.
    start = {key: value for key, value in root.items() if key != "compile_config"}
    stack = [Place(start, "")]
    while stack:
        value, layer = stack.pop()
        if isinstance(value, list):
            stack.extend(Place(item, layer) for item in reversed(value))
        elif isinstance(value, dict):
            layer = _layer(value) or layer
            yield value, layer
            stack.extend(Place(item, layer) for item in reversed(list(value.values())))


def _layer(mapping: dict[str, Any]) -> str:
    """The name of the layer that a mapping describes; empty where it describes none."""
    config = mapping.get("config")
    name = config.get("name") if isinstance(config, dict) else None
    within = "class_name" in mapping and isinstance(name, str)
    # A dtype policy has a name in its configuration, too, but is no layer.
    return str(name) if within and "Policy" not in str(mapping["class_name"]) else ""
