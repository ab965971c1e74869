"""A model's layers as rows: name, class, output shape and dtype, parameters, sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras

from modelforge.build.inner import held_at
from modelforge.catalog.own.backbones import preprocessing_of
from modelforge.graph import Graph, Node
from modelforge.graph.backbones import networks
from modelforge.graph.graph import models_inside
from modelforge.graph.parts import source_names


def layer_table(model: keras.Model, graph: Graph) -> list[dict[str, Any]]:
    """One row for each layer of the graph, in its order, with plain values.

    shape: of the layer's output, with None for the batch axis and for sizes left open; a list of
    shapes where it has several outputs. dtype: as many, as Keras says them. parameters: all of the
    layer's weights, counted once.
    layers: of a model among the layers, or in an argument of one, the rows of its own.
    preprocessing: of a network of keras.applications, what is done to the pixels.
    """
    made = {operation.name: operation for operation in model.operations}
    return [_row(node, made) for node in graph.nodes]


def _row(node: Node, made: Mapping[str, keras.Operation]) -> dict[str, Any]:
    row = {
        "name": node.name,
        "class": node.object.name if not node.shares else f"use {node.shares}",
        "shape": _each(made[node.name if node.name in made else node.layer], _shape),
        "dtype": _each(made[node.name if node.name in made else node.layer], _dtype),
        # The weights of a layer that is applied again are counted with its first call.
        "parameters": 0 if node.shares else _parameters(made[node.name]),
        "trainable": 0 if node.shares else _trainable(made[node.name]),
        "sources": source_names(node),
    }
    if not node.shares:
        for found in networks(node):
            row["preprocessing"] = preprocessing_of(found.name, found.arguments)
    inner = _inner(node, made.get(node.name))
    return {**row, "layers": inner} if inner else row


def _inner(node: Node, made: keras.Operation | None) -> list[dict[str, Any]]:
    """The rows of the models that a layer is or has in its arguments."""
    if isinstance(made, keras.Model):
        return layer_table(made, node.model) if node.model is not None else []
    rows: list[dict[str, Any]] = []
    paths = [path for path, model in models_inside(node.object) if model.graph is not None]
    for (prefix, graph), path in zip(node.inner, paths, strict=node.model is None):
        model = held_at(made, path)
        if isinstance(model, keras.Model):
            rows += [{**it, "name": prefix + it["name"]} for it in layer_table(model, graph)]
    return rows


def _each(made: keras.Operation, told: Callable[[Any], Any]) -> Any:
    """What is told of the only output, or a list of it for several."""
    found = [told(tensor) for tensor in keras.tree.flatten(made.output)]
    return found[0] if len(found) == 1 else found


def _shape(tensor: Any) -> list[int | None]:
    return list(tensor.shape)


def _dtype(tensor: Any) -> str:
    return str(keras.backend.standardize_dtype(tensor.dtype))


def _parameters(made: keras.Operation) -> int:
    return int(made.count_params()) if isinstance(made, keras.layers.Layer) else 0


def _trainable(made: keras.Operation) -> int:
    # Not `trainable_weights`: batch normalization in inference mode may be trained all the same.
    weights = made.weights if isinstance(made, keras.layers.Layer) else []
    return int(sum(it.shape.num_elements() or 0 for it in weights if it.trainable))
