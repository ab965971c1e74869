"""A layer is called as its node says; what Keras has against it becomes a finding."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import keras

from modelforge.build.operations import Operation
from modelforge.build.trouble import sentence
from modelforge.findings import ModelForgeError, Refused, refuse
from modelforge.graph import Node
from modelforge.graph.parts import source_names
from modelforge.graph.plugins import plugin_failed
from modelforge.graph.told import input_shapes, spoken
from modelforge.layers.settled import Settled


def settled(layer: Any, owner: Node, first: Node, tensors: Mapping[str, Any]) -> Any:
    """The layer, told for good how it is called where the spec says so.

    first: the first node that calls it, which is its owner or a `use` of that one.
    """
    if owner.call.get("training") is None:
        return layer
    call(layer, replace(first, call=owner.call), tensors)  # builds it
    return Settled(layer, _options(owner), name=owner.name)


def call(layer: Any, node: Node, tensors: Mapping[str, Any]) -> Any:
    """What a layer makes of the tensors that its node is called on."""
    arguments = {key: _given(source, tensors) for key, source in node.sources.items()}
    if isinstance(whole(layer), keras.Model) and (node.model is not None or "" not in arguments):
        # A model takes its inputs by name where it has several, and a single one as it is.
        several = len(arguments) > 1
        arguments = {"": arguments if several else next(iter(arguments.values()))}
    first = [arguments.pop("")] if "" in arguments else []
    options = _options(node)
    if isinstance(layer, Settled):
        first, options = first or [arguments.pop(_first(layer.layer))], {}
    try:
        if isinstance(layer, Operation):
            return layer(node.name, arguments)
        return layer(*first, **arguments, **options)
    except ModelForgeError:
        raise
    except Exception as error:
        raise _refused(node, tensors, error) from None


def whole(layer: Any) -> Any:
    """The layer that a spec speaks of, also where its call is settled."""
    return layer.layer if isinstance(layer, Settled) else layer


def _options(node: Node) -> dict[str, Any]:
    return {name: value for name, value in node.call.items() if value is not None}


def _first(layer: Any) -> str:
    """The first argument of a layer's call; `from` may give it by name."""
    return next(iter(inspect.signature(layer.call).parameters))


def _given(source: str | tuple[str, ...], tensors: Mapping[str, Any]) -> Any:
    """A tensor, or the list of them that a call takes; one name may stand for several outputs."""
    if isinstance(source, str):
        return tensors[source]
    found = [tensors[name] for name in source]
    return found[0] if len(found) == 1 and isinstance(found[0], list | tuple) else found


def _refused(node: Node, tensors: Mapping[str, Any], error: Exception) -> Refused:
    def shape_of(name: str) -> str:
        return shape_text(tensors[name])

    said = sentence(error)
    failed = plugin_failed(error, said, node.object.span)
    if failed is not None:
        return Refused([replace(failed, notes=tuple(input_shapes(node, shape_of)))])
    return refuse(
        "layer-refused",
        f"Keras refuses the layer {spoken(node)}: {said}",
        node.object.span,
        notes=[
            *input_shapes(node, shape_of),
            *_several(node, tensors),
        ],
    )


def _several(node: Node, tensors: Mapping[str, Any]) -> list[str]:
    """What to write where a layer with several outputs was named as if it had one."""
    whole = [name for name in source_names(node) if isinstance(tensors[name], list | tuple)]
    return [f"`{name}` has several outputs: name one, `from: {name}.0`" for name in whole[:1]]


def shape_text(tensor: Any) -> str:
    """A tensor's shape as messages write it; of each part where it is a structure."""
    shape = getattr(tensor, "shape", None)
    if shape is not None:
        return str(tuple(shape))
    if isinstance(tensor, Mapping):
        return ", ".join(f"{key}: {shape_text(part)}" for key, part in tensor.items())
    return "[" + ", ".join(shape_text(part) for part in tensor) + "]"
