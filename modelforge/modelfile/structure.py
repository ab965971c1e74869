"""The model that a configuration describes: its inputs, layers and outputs by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

MAX_LAYERS = 10_000
MAX_CALLS = 100_000  # of layers, counted through models in models: each call of one calls all

Shape = tuple[int | None, ...]
History = tuple[str, int, int]  # a layer, which of its calls, which of its outputs


class NoModel(Exception):
    """The configuration describes no model that this room understands; the message says why."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or output; shape with the batch axis, None where it is not known."""

    name: str
    shape: Shape | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of a saved model.

    shape: of its only output; None where it is unknown, or where there are several outputs.
    calls: how often it is applied. inner: of a layer that is a model. sources: the layers that it
    is called on.
    """

    name: str
    class_name: str
    config: Mapping[str, Any] = field(repr=False)
    input_shape: Shape | None
    shape: Shape | None
    calls: int
    inner: Structure | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Structure:
    """A functional or sequential model."""

    inputs: tuple[Tensor, ...]
    layers: Mapping[str, Layer]
    outputs: tuple[Tensor, ...]

    def locate(self, name: str) -> tuple[Layer, ...]:
        """The layers from the outside to the named one (`encoder.conv2d`); empty if there is none.

        Names of layers may have dots themselves.
        """
        if name in self.layers:
            return (self.layers[name],)
        for outer in self.layers.values():
            if outer.inner is not None and name.startswith(f"{outer.name}."):
                inner = outer.inner.locate(name[len(outer.name) + 1 :])
                if inner:
                    return (outer, *inner)
        return ()

    def names(self, prefix: str = "") -> Iterator[str]:
        """Every name that `locate` finds."""
        for layer in self.layers.values():
            if layer.class_name != "InputLayer":
                yield prefix + layer.name
            if layer.inner is not None:
                yield from layer.inner.names(f"{prefix}{layer.name}.")

    @property
    def work(self) -> int:
        """How many layers are called in one pass."""
        return sum(
            layer.calls * (1 + (layer.inner.work if layer.inner else 0))
            for layer in self.layers.values()
        )


def structure_of(configuration: Mapping[str, Any]) -> Structure:
    """The model; raises NoModel."""
    try:
        found = _structure(configuration)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise NoModel("its configuration describes no model") from None
    if len(list(found.names())) > MAX_LAYERS:
        raise NoModel(f"it has more than {MAX_LAYERS:,} layers")
    if found.work > MAX_CALLS:
        raise NoModel(f"its layers call each other more than {MAX_CALLS:,} times")
    return found


def _structure(model: Mapping[str, Any]) -> Structure:
    kind, config = model["class_name"], model["config"]
    if kind == "Sequential":
        return _sequential(config)
    if kind in ("Functional", "Model") and "input_layers" in config:
        return _functional(config)
    raise NoModel(f"a model of the class `{str(kind)[:60]}` cannot be read without its code")


def _functional(config: Mapping[str, Any]) -> Structure:
    shapes: dict[History, Shape] = {}
    for record in config["layers"]:
        for node in record["inbound_nodes"]:
            shapes.update(_tensors(node))
    layers = [_layer(record, shapes) for record in config["layers"]]
    by_name = {layer.name: layer for layer in layers}
    inputs = [Tensor(name, by_name[name].shape) for name, _, _ in _histories(config, "input")]
    outputs = []
    for history in _histories(config, "output"):
        layer = by_name[history[0]]
        outputs.append(Tensor(layer.name, shapes.get(history, layer.shape)))
    return Structure(tuple(inputs), by_name, tuple(outputs))


def _layer(record: Mapping[str, Any], shapes: Mapping[History, Shape]) -> Layer:
    name, nodes = str(record["name"]), record["inbound_nodes"]
    given = [shape for node in nodes[:1] for shape in _tensors(node).values()]
    found = _single(record, name, given[0] if len(given) == 1 else None, len(nodes))
    called_on = {source for node in nodes for source in (*_named(node), *_of_old(node))}
    found = replace(found, sources=tuple(sorted(called_on)))
    parts = [shape for history, shape in shapes.items() if history[:2] == (name, 0)]
    if len(parts) != 1 or found.shape is not None:
        return found
    return replace(found, shape=parts[0])


def _sequential(config: Mapping[str, Any]) -> Structure:
    records = list(config["layers"])
    first = records[0]
    if first["class_name"] == "InputLayer":
        shape, name = _entrance(first["config"]), str(first["config"]["name"])
        records = records[1:]
    elif "batch_input_shape" in first["config"]:  # Keras before 3
        shape, name = _entrance(first["config"]), f"{first['config']['name']}_input"
    else:
        shape, name = _shape(config["build_input_shape"]), "input_layer"
    layers = [
        _single(record, str(record["config"]["name"]), _built(record), 1) for record in records
    ]
    for number, layer in enumerate(layers):
        # What a layer gives is what the next one was built on.
        shape_after = layers[number + 1].input_shape if number + 1 < len(layers) else None
        if layer.shape is None:
            layers[number] = replace(layer, shape=shape_after)
        sources = (layers[number - 1].name,) if number else ()
        layers[number] = replace(layers[number], sources=sources)
    by_name = {layer.name: layer for layer in layers}
    last = layers[-1]
    return Structure((Tensor(name, shape),), by_name, (Tensor(last.name, last.shape),))


def _single(record: Mapping[str, Any], name: str, given: Shape | None, calls: int) -> Layer:
    class_name, config = str(record["class_name"]), record["config"]
    is_model = class_name in ("Functional", "Sequential", "Model")
    inner = _structure(record) if is_model and isinstance(config, Mapping) else None
    shape = None
    if class_name == "InputLayer":
        shape = _entrance(config)
    elif inner is not None and len(inner.outputs) == 1:
        shape = inner.outputs[0].shape
    return Layer(name, class_name, config, given, shape, calls, inner)


def _entrance(config: Mapping[str, Any]) -> Shape:
    """The shape of an input; Keras before 3 called it otherwise."""
    return _shape(config["batch_shape" if "batch_shape" in config else "batch_input_shape"])


def _built(record: Mapping[str, Any]) -> Shape | None:
    built = record.get("build_config") or {}
    shape = built.get("input_shape")
    return _shape(shape) if isinstance(shape, list) else None


def _shape(value: Any) -> Shape:
    if not all(size is None or isinstance(size, int) for size in value):
        raise ValueError
    return tuple(value)


def _tensors(node: Any) -> dict[History, Shape]:
    """The tensors that a call was made on."""
    found: dict[History, Shape] = {}
    stack = [node]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack.extend(reversed(value))
        elif isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
            name, call, output = value["config"]["keras_history"]
            found[str(name), int(call), int(output)] = _shape(value["config"]["shape"])
        elif isinstance(value, dict):
            stack.extend(reversed(list(value.values())))
    return found


def _named(node: Any) -> set[str]:
    """The layers whose tensors a call was made on."""
    return {name for name, _, _ in _tensors(node)}


def _of_old(node: Any) -> set[str]:
    """The same as Keras before 3 wrote it: `[["conv", 0, 0, {}], ...]`."""
    found: set[str] = set()
    for call in node if isinstance(node, list) else ():
        if isinstance(call, list) and len(call) > 2 and isinstance(call[0], str):
            found.add(call[0])
    return found


def _histories(config: Mapping[str, Any], what: str) -> list[History]:
    """The inputs or outputs of a model, in order, whatever structure they have.

    Keras lists the outputs of a mapping by the order of their names; inputs are given by name.
    """
    found: list[History] = []
    stack = [config[f"{what}_layers"]]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            keys = sorted(value) if what == "output" else list(value)
            stack.extend(value[key] for key in reversed(keys))
        elif not isinstance(value, list):
            raise TypeError  # a text would go on for ever: its first character is a text again
        elif len(value) == 3 and isinstance(value[0], str):
            found.append((value[0], int(value[1]), int(value[2])))
        else:
            stack.extend(reversed(value))
    return found
