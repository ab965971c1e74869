"""The Keras layers of a model by their path names, those in models in it too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from modelforge.build.calls import whole
from modelforge.build.inner import held_at
from modelforge.build.private import made_from, maker
from modelforge.graph import Graph, Node
from modelforge.graph.freezing.selectable import SEPARATOR, Opaque, Selectable, selectables
from modelforge.graph.graph import models_inside
from modelforge.graph.saved import Saved
from modelforge.spec import Object
from modelforge.spec.inside import Path, inside


class Layers:
    """What can be selected in a model, and the Keras layer of each by its path.

    opened: the models in it that no graph describes, and what each of them was made from.
    """

    def __init__(self, model: keras.Model, graph: Graph) -> None:
        self.made: dict[str, Any] = {}
        self.opened: list[tuple[keras.Model, Saved | Object]] = []
        self._add(model, graph, "")
        self.everything = selectables(graph, self._look)

    def _add(self, model: keras.Model, graph: Graph, prefix: str) -> None:
        operations = {operation.name: operation for operation in _operations(model)}
        for node in graph.nodes:
            if node.shares:
                continue
            path, layer = prefix + node.name, whole(operations[node.name])
            self.made[path] = layer
            if node.model is not None:
                self._add(layer, node.model, path + SEPARATOR)
            else:
                self._add_inside(node, layer, path + SEPARATOR)

    def _add_inside(self, node: Node, layer: Any, prefix: str) -> None:
        """The layers of models in the arguments, and those in lists there."""
        ways = [way for way, model in models_inside(node.object) if model.graph is not None]
        for (before, graph), way in zip(node.inner, ways, strict=True):
            held = held_at(layer, way)
            if isinstance(held, keras.Model):
                self._add(held, graph, prefix + before)
        for way, _ in inside(node.object):
            if way[-1].isdigit():
                self.made[prefix + ".".join(way)] = _item(layer, way)

    def _look(self, opaque: Opaque, prefix: str) -> list[Selectable]:
        model = held_at(self.made[opaque.path], opaque.argument)
        if not isinstance(model, keras.Model):
            return []
        self.opened.append((model, opaque.model))
        return list(self._walk(model, prefix))

    def _walk(self, model: keras.Model, prefix: str) -> Iterator[Selectable]:
        """The layers of a model that no graph describes."""
        called_on = _sources(model)
        for operation in _operations(model):
            if isinstance(operation, keras.layers.InputLayer):
                continue
            path, layer = prefix + operation.name, whole(operation)
            self.made[path] = layer
            sources = tuple(prefix + name for name in sorted(called_on[operation.name]))
            held = next((it for it in wrapped(layer) if isinstance(it, keras.Model)), None)
            inner = layer if isinstance(layer, keras.Model) else held
            kind = "model" if inner is not None else "layer"
            yield Selectable(path, tuple(_classes(layer)), sources, kind)  # type: ignore[arg-type]
            if inner is not None:
                yield from self._walk(inner, path + SEPARATOR)


def _item(layer: Any, way: Path) -> Any:
    """A layer in a list in an argument; Keras keeps a list of cells in a layer of its own."""
    held = held_at(layer, way[:-1])
    items = getattr(held, "cells", held)
    return items[int(way[-1])] if isinstance(items, list | tuple) else None


def wrapped(layer: Any) -> list[Any]:
    """The layers that a wrapper has all of its weights from."""
    if isinstance(layer, keras.layers.Bidirectional):
        return [layer.forward_layer, layer.backward_layer]
    if isinstance(layer, keras.layers.Wrapper):
        return [layer.layer]
    return [layer.cell] if type(layer) is keras.layers.RNN else []


def _classes(layer: Any) -> Iterator[str]:
    yield type(layer).__name__
    for inner in wrapped(layer):
        if not isinstance(inner, keras.Model):
            yield from _classes(inner)


def _operations(model: keras.Model) -> list[Any]:
    """Layers and functions, each after what it is called on."""
    return list(model.layers if isinstance(model, keras.Sequential) else model.operations)


def _sources(model: keras.Model) -> dict[str, set[str]]:
    """By the name of each operation those that it is called on in this model."""
    found: dict[str, set[str]] = {operation.name: set() for operation in _operations(model)}
    stack, seen = list(model.outputs), set()
    while stack:
        tensor = stack.pop()
        operation, number, called_on = made_from(tensor)
        if (operation.name, number) in seen:
            continue
        seen.add((operation.name, number))
        for given in called_on:
            source = maker(given)
            if not isinstance(source, keras.layers.InputLayer):
                found.setdefault(operation.name, set()).add(source.name)
            stack.append(given)
    return found
