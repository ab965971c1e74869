"""A wired graph becomes a functional keras.Model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import keras

from modelforge.build.applications import with_input_shape
from modelforge.build.calls import call, settled, whole
from modelforge.build.inner import keep_frozen, switch, with_ready_models
from modelforge.build.names import reserve
from modelforge.build.objects import make
from modelforge.build.private import maker
from modelforge.build.start import start_from_files
from modelforge.build.trouble import sentence
from modelforge.catalog.naming import MAIN
from modelforge.data.bundle import Tensor
from modelforge.findings import Findings, listed, refuse
from modelforge.graph import Graph, Node, WiredModel
from modelforge.graph.parts import check_parts, source_names
from modelforge.graph.saved import Saved
from modelforge.loading import cut, opened
from modelforge.modelfile import Doubts
from modelforge.spec import InputItem


def build_model(
    graph: Graph, inputs: Mapping[str, Tensor], name: str, findings: Findings | None = None
) -> keras.Model:
    """The model that the graph describes.

    inputs: what the data gives, for a spec that declares no inputs, and for the dtypes that its
    inputs leave open; empty where there is no data. findings: told of weights that a file holds
    only a part of, where that was asked for.
    """
    model = _functional(graph, _entrances(graph, inputs), name)
    start_from_files(graph, model, Findings() if findings is None else findings)
    return model


def _functional(graph: Graph, entrances: Mapping[str, Any], name: str) -> keras.Model:
    tensors: dict[str, Any] = dict(entrances)
    if graph.inputs is None:
        tensors[MAIN] = next(iter(entrances.values()))
    layers: dict[str, Any] = {}
    owners = {node.name: node for node in graph.nodes if not node.shares}
    names = {node.name for node in graph.nodes}
    reserve(names)
    counts: dict[str, int] = {}
    for node in graph.nodes:
        if any(name not in tensors for name in source_names(node)):
            _check_parts(graph, counts)
        if node.layer not in layers:
            owner = owners[node.layer]
            shared = any(other.shares == node.layer for other in graph.nodes)
            layer = _make(owner, node, tensors, shared=shared)
            layers[node.layer] = settled(layer, owner, node, tensors)
        tensors[node.name] = call(layers[node.layer], node, tensors)
        if not node.shares:
            keep_frozen(node.object, whole(layers[node.name]))
        parts = _parts(owners[node.layer], node, tensors[node.name])
        counts[node.name] = max(1, len(keras.tree.flatten(tensors[node.name])))
        tensors |= {name: part for name, part in parts.items() if name not in names}
    _check_parts(graph, counts)
    outputs = [_output(output, tensors) for output in graph.outputs]
    given = list(entrances.values())
    return keras.Model(
        given[0] if len(given) == 1 else dict(entrances),
        outputs[0] if len(outputs) == 1 else outputs,
        name=name,
    )


def _entrances(graph: Graph, inputs: Mapping[str, Tensor]) -> dict[str, Any]:
    if graph.inputs is not None:
        return {item.name: _declared(item, inputs.get(item.name)) for item in graph.inputs}
    if not inputs:
        raise refuse(
            "no-inputs",
            "nothing tells the shape of the model's input",
            graph.span,
            notes=["declare it: `inputs: {image: {shape: [28, 28, 1]}}`, or give the spec `data`"],
        )
    if len(inputs) > 1:
        raise refuse(
            "several-inputs",
            f"the data gives {len(inputs)} inputs, and the spec does not say where they go",
            graph.span,
            notes=[f"declare them under `model.inputs`: {listed(inputs)}"],
        )
    ((name, tensor),) = inputs.items()
    return {name: keras.Input(tensor.shape, dtype=tensor.dtype, name=name)}


def _declared(item: InputItem, given: Tensor | None) -> Any:
    dtype = item.dtype or (given.dtype if given else None)
    try:
        return keras.Input(item.shape, dtype=dtype, name=item.name)
    except (TypeError, ValueError) as error:
        raise refuse(
            "input-refused", f"Keras refuses the input `{item.name}`: {sentence(error)}", item.span
        ) from None


def _parts(owner: Node, node: Node, result: Any) -> dict[str, Any]:
    """Each of several outputs by its number, those of a model among the layers by name as well."""
    tensors = keras.tree.flatten(result)
    if len(tensors) < 2:
        return {}
    names = owner.output_names
    return {
        **{f"{node.name}.{number}": tensor for number, tensor in enumerate(tensors)},
        **{f"{node.name}.{name}": tensor for name, tensor in zip(names, tensors, strict=False)},
    }


def _check_parts(graph: Graph, counts: Mapping[str, int]) -> None:
    """Refuses outputs that a layer turns out not to have."""
    findings = Findings()
    check_parts(graph, counts, findings)
    findings.stop_on_errors()


def _output(name: str, tensors: Mapping[str, Any]) -> Any:
    """An output of the model, which Keras calls after the operation that makes it."""
    tensor = tensors[name]
    if maker(tensor).name == name:
        return tensor
    # Of the tensor's own dtype: with that of the model it would cast.
    return keras.layers.Identity(name=name, dtype=tensor.dtype)(tensor)


def _make(node: Node, call: Node, tensors: Mapping[str, Any], *, shared: bool) -> Any:
    """The layer of a node; `call` is its first call, which tells a model its input.

    shared: whether other nodes call it, too.
    """
    if node.model is not None:
        return _nested(node, call, tensors)
    if node.saved is not None:
        return _loaded(node.saved, node.name)
    if node.object.kind == "operation":  # the name is given to what each call of it makes
        return make(node.object)
    named = replace(node.object, arguments={**node.object.arguments, "name": node.name})
    first = next(iter(call.sources.values()))
    given = tensors[first] if isinstance(first, str) else None
    ready = with_ready_models(named, given, node.name, _inside)
    return make(with_input_shape(ready, given, shared=shared))


def _nested(node: Node, call: Node, tensors: Mapping[str, Any]) -> keras.Model:
    """A model among the layers; what it is called on tells its input, if it declares none."""
    graph = node.model
    assert graph is not None
    if graph.inputs is not None:
        return _functional(graph, _entrances(graph, {}), node.name)
    (source,) = call.sources.values()
    assert isinstance(source, str)
    return _called_on(graph, tensors[source], node.name)


def _called_on(graph: Graph, given: Any, name: str) -> keras.Model:
    entrance = keras.Input(given.shape[1:], dtype=given.dtype, name=MAIN)
    return _functional(graph, {MAIN: entrance}, name)


def _inside(model: WiredModel, given: Any, name: str) -> keras.Model:
    """A model in an argument of a layer."""
    if model.saved is not None:
        return _loaded(model.saved, name)
    assert model.graph is not None
    if model.graph.inputs is None and given is None:  # inside a layer of a plugin
        raise refuse(
            "no-inputs",
            "nothing tells what the model inside this layer is called on",
            model.span,
            hint="declare it: `model: {inputs: {x: {shape: [...]}}, layers: [...]}`",
        )
    if model.graph.inputs is not None:
        return _functional(model.graph, _entrances(model.graph, {}), name)
    return _called_on(model.graph, given, name)


def _loaded(saved: Saved, name: str) -> keras.Model:
    """A saved model, whole or up to a layer."""
    doubts = Doubts(saved.file.path, Findings(), saved.span)
    model = cut(opened(saved.file, doubts), saved.ways, name)
    if saved.trainable is not None:
        switch(model, trainable=saved.trainable)
    return model
