"""The layers of a model, those in the models in it too, as `freeze` can name them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from modelforge.catalog import INNER_KINDS
from modelforge.catalog.own import hub
from modelforge.graph.graph import Graph, Node, WiredModel
from modelforge.graph.parts import Wholes, source_names
from modelforge.spec import Object
from modelforge.spec.inside import Path, inside

if TYPE_CHECKING:
    from modelforge.graph.saved import Saved

SEPARATOR = "/"  # between a model and a layer in it: `backbone/block_1_conv`


@dataclass(frozen=True, slots=True)
class Selectable:
    """A layer that a selector can name.

    path: its path name. classes: its class; of a wrapper those of what it wraps as well, which has
    all of its weights. sources: paths of the layers that it is called on, in the same model.
    kind: a layer of a model; what has a model in it, with more below its path; a layer in a list
    in an argument (`pipeline/layers.0`); or another call of a layer, which is at the path `owner`.
    loaded: whether it came with its weights. opaque: whether what is in it is not known here.
    """

    path: str
    classes: tuple[str, ...]
    sources: tuple[str, ...] = ()
    kind: Literal["layer", "model", "item", "use"] = "layer"
    owner: str = ""
    loaded: bool = False
    opaque: bool = False


@dataclass(frozen=True, slots=True)
class Opaque:
    """What no graph describes: a saved model, or an application.

    path: of its layer; argument: the arguments of that layer that lead to it, if it is in one.
    """

    path: str
    argument: Path
    model: Saved | Object
    loaded: bool


# The layers in such a model, with their path names; None where they are not known.
Look: TypeAlias = "Callable[[Opaque, str], list[Selectable] | None]"


def selectables(graph: Graph, look: Look, prefix: str = "") -> list[Selectable]:
    """All layers, in the order of the calls; those of a model follow it."""
    wholes = Wholes(graph.nodes)
    found: list[Selectable] = []
    for node in graph.nodes:
        called_on = {wholes.of(name) for name in source_names(node)} & wholes.nodes.keys()
        sources = tuple(prefix + name for name in sorted(called_on))
        found += _of_node(node, prefix + node.name, sources, look, prefix)
    return found


def below(path: str, selected: str) -> bool:
    """Whether a layer is the selected one or in it."""
    return path == selected or path.startswith(selected + SEPARATOR)


def blocks_of(path: str) -> list[str]:
    """The blocks of the model itself in which a layer is: `stage.1`, `stage` for `stage.1.conv`."""
    name = path.split(SEPARATOR)[0]
    return [name[:place] for place in reversed(range(len(name))) if name[place] == "."]


def _of_node(
    node: Node, path: str, sources: tuple[str, ...], look: Look, prefix: str
) -> list[Selectable]:
    name = node.object.name
    if node.shares:
        return [Selectable(path, (name,), sources, "use", prefix + node.shares)]
    if node.model is not None:
        inner = selectables(node.model, look, path + SEPARATOR)
        started = node.model.weights
        if started is not None and not started.partial:  # else some may begin at random
            inner = [replace(it, loaded=True) for it in inner]
        return [Selectable(path, (name,), sources, "model"), *inner]
    if node.saved is not None or node.object.kind == "application":
        model = node.saved or node.object
        opaque = Opaque(path, (), model, _is_loaded(model))
        found = _looked(look, opaque, path + SEPARATOR)
        outer = Selectable(path, (name,), sources, "model", "", opaque.loaded, found is None)
        return [outer, *(found or [])]
    return _of_layer(node, path, sources, look)


def _of_layer(node: Node, path: str, sources: tuple[str, ...], look: Look) -> list[Selectable]:
    """A layer, and what is in its arguments."""
    found: list[Selectable] = []
    known = True
    holds_model = bool(node.inner)
    for before, graph in node.inner:
        found += selectables(graph, look, path + SEPARATOR + before)
    for argument, inner in inside(node.object):
        step, single = ".".join(argument), not argument[-1].isdigit()
        model = _opaque(inner)
        if model is not None:
            holds_model = True
            before = path + SEPARATOR + ("" if single else step + SEPARATOR)
            layers = _looked(look, Opaque(path, argument, model, _is_loaded(model)), before)
            known = known and layers is not None
            found += layers or []
        elif inner.kind in INNER_KINDS and not single and not isinstance(inner, WiredModel):
            found.append(Selectable(f"{path}/{step}", tuple(_classes(inner)), (), "item"))
    kind: Literal["layer", "model"] = "model" if holds_model else "layer"
    classes = tuple(_classes(node.object))
    return [Selectable(path, classes, sources, kind, opaque=not known), *found]


def _looked(look: Look, opaque: Opaque, prefix: str) -> list[Selectable] | None:
    found = look(opaque, prefix)
    return found and [replace(it, loaded=opaque.loaded) for it in found]


def _opaque(found: Object) -> Saved | Object | None:
    if isinstance(found, WiredModel):
        return found.saved
    return found if found.kind == "application" else None


def _is_loaded(model: Saved | Object) -> bool:
    """Whether it comes with weights that were trained before."""
    if not isinstance(model, Object):
        return True
    if model.name == hub.NAME:
        return hub.is_loaded(model.arguments)
    return model.arguments.get("weights", "imagenet") is not None


def _classes(found: Object) -> Iterator[str]:
    """The class of a layer, and of the layers that it wraps."""
    yield found.name
    for value in found.arguments.values():
        if isinstance(value, Object) and not isinstance(value, WiredModel):
            yield from _classes(value) if value.kind in INNER_KINDS else ()
