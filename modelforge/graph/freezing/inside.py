"""The layers of saved models, as `freeze` can name them, told from their files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from modelforge.graph.freezing.selectable import SEPARATOR, Opaque, Selectable
from modelforge.graph.saved import Saved
from modelforge.modelfile import Layer, Structure
from modelforge.modelfile.structure import NoModel, structure_of

_Ways = tuple[tuple[str, ...], ...]  # to the last layers; none for the whole model


def look(opaque: Opaque, prefix: str) -> list[Selectable] | None:
    """The layers of a saved model; of an application, Keras alone knows them."""
    if not isinstance(opaque.model, Saved):
        return None
    return list(_layers(opaque.model.file.structure, opaque.model.ways, prefix))


def _layers(structure: Structure, ways: _Ways, prefix: str) -> Iterator[Selectable]:
    """The layers that lead to some of them, or all."""
    layers = {it.name: it for it in structure.layers.values() if it.class_name != "InputLayer"}
    needed = set[str]().union(*(_needed(structure, way[0]) for way in ways)) or layers.keys()
    for layer in layers.values():
        if layer.name not in needed:
            continue
        path = prefix + layer.name
        sources = tuple(prefix + name for name in layer.sources if name in layers)
        inner = layer.inner or _wrapped_model(layer)
        # Keras's names, so that a model is of the same class in the file and when it is loaded.
        classes = tuple(_classes(layer.class_name, layer.config))
        yield Selectable(path, classes, sources, "model" if inner is not None else "layer")
        if inner is not None:
            ahead = tuple(way[1:] for way in ways if way[0] == layer.name and len(way) > 1)
            yield from _layers(inner, ahead, path + SEPARATOR)


def _needed(structure: Structure, name: str) -> set[str]:
    """The layer, and all that its output depends on."""
    found = {name}
    stack = [name]
    while stack:
        layer = structure.layers.get(stack.pop())
        for source in layer.sources if layer is not None else ():
            if source not in found:
                found.add(source)
                stack.append(source)
    return found


def _classes(class_name: str, config: Any) -> Iterator[str]:
    """The class of a layer, and of those that it wraps."""
    yield class_name
    for inner in _wrapped(class_name, config):
        if "class_name" in inner and not _is_model(inner):
            yield from _classes(str(inner["class_name"]), inner.get("config"))


def _wrapped(class_name: str, config: Any) -> list[Mapping[str, Any]]:
    """What a wrapper has in the arguments that are layers."""
    if not isinstance(config, Mapping):
        return []
    found = [config.get("layer"), config.get("backward_layer")]
    if class_name == "RNN":
        found.append(config.get("cell"))
    return [inner for inner in found if isinstance(inner, Mapping)]


def _wrapped_model(layer: Layer) -> Structure | None:
    for inner in _wrapped(layer.class_name, layer.config):
        if _is_model(inner):
            try:
                return structure_of(inner)
            except NoModel:
                return None
    return None


def _is_model(found: Mapping[str, Any]) -> bool:
    kinds: tuple[Literal["Functional", "Sequential", "Model"], ...]
    kinds = ("Functional", "Sequential", "Model")
    return found.get("class_name") in kinds
