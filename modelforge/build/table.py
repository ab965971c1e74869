"""A model's layers as rows: name, class, output shape, parameters, what each is called on."""

from __future__ import annotations

from typing import Any

import keras

from modelforge.graph import Graph
from modelforge.graph.wire import source_names


def layer_table(model: keras.Model, graph: Graph) -> list[dict[str, Any]]:
    """One row for each layer of the graph, in its order, with plain values.

    shape: of the layer's output, with None for the batch axis and for sizes left open; a list of
    shapes where it has several outputs. parameters: all of the layer's weights, counted once.
    """
    return [
        {
            "name": node.name,
            "class": node.object.name if not node.shares else f"use {node.shares}",
            "shape": _shape(model.get_layer(node.layer)),
            # The weights of a layer that is applied again are counted with its first call.
            "parameters": 0 if node.shares else int(model.get_layer(node.name).count_params()),
            "trainable": 0 if node.shares else int(_trainable(model.get_layer(node.name))),
            "sources": source_names(node),
        }
        for node in graph.nodes
    ]


def _shape(layer: keras.layers.Layer) -> Any:
    tensors = keras.tree.flatten(layer.output)
    shapes = [list(tensor.shape) for tensor in tensors]
    return shapes[0] if len(shapes) == 1 else shapes


def _trainable(layer: keras.layers.Layer) -> int:
    return sum(weight.shape.num_elements() or 0 for weight in layer.trainable_weights)
