"""The model of a checked document: its inputs, its layers, and the models among and in them."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from typing import Any

from modelforge.catalog import LAYER_KINDS, Kind
from modelforge.document import Entry, Mapping, Node, Scalar, Sequence, plain
from modelforge.findings import Span
from modelforge.spec.objects import Objects, value
from modelforge.spec.spec import (
    InnerModel,
    InputItem,
    LayerItem,
    LoadItem,
    ModelSection,
    WeightsItem,
)
from modelforge.spec.values import Object, Value

_OWN = ("use", "model", "load")  # what stands in the place of a layer's word
_INNER = ("model", "load")  # those of them that an argument takes, too


class Models(Objects):
    """Reads the objects of a spec; a model can stand where a layer takes a layer."""

    def model(self, node: Mapping) -> ModelSection:
        """The section `model`, or a model among the layers of another."""
        return _model(node, self)

    def object(self, node: Node, *kinds: Kind) -> Object:
        """The object that a node says; `model` and `load` as an InnerModel."""
        if "layer" in kinds and isinstance(node, Mapping):
            (entry,) = node
            if entry.key in _INNER:
                return self._inner(entry)
        return super().object(node, *kinds)

    def _inner(self, entry: Entry) -> InnerModel:
        if entry.key == "load":
            load = _load(entry.value, self)
            return InnerModel("layer", "load", {}, entry.key_span, load=load)
        assert isinstance(entry.value, Mapping)
        model = self.model(entry.value)
        return InnerModel("layer", "model", {}, entry.key_span, model=model)


def _model(node: Mapping, objects: Models) -> ModelSection:
    inputs, outputs, layers = node.get("inputs"), node.get("outputs"), node.get("layers")
    assert isinstance(layers, Sequence)
    names = outputs.items if isinstance(outputs, Sequence) else []
    return ModelSection(
        inputs=tuple(map(_input, inputs)) if isinstance(inputs, Mapping) else None,
        layers=tuple(_layer(item, objects) for item in layers.items),
        outputs=tuple(str(plain(name)) for name in names) or None,
        span=layers.span,
        output_spans={str(plain(name)): name.span for name in names},
        weights=_weights(node.get("weights"), objects),
    )


def _weights(node: Node | None, objects: Objects) -> WeightsItem | None:
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return None
    path = node.get("from") if isinstance(node, Mapping) else node
    assert path is not None
    partial = isinstance(node, Mapping) and bool(_given(node, "partial"))
    return WeightsItem(objects.path(path), partial, path.span)


def _input(entry: Any) -> InputItem:
    shape = value(entry.value.get("shape"))
    return InputItem(
        name=entry.key,
        shape=shape if isinstance(shape, tuple) else (shape,),  # type: ignore[arg-type]
        dtype=_given(entry.value, "dtype"),
        span=entry.key_span,
    )


def _layer(item: Node, objects: Models) -> LayerItem:
    if isinstance(item, Scalar):
        found = objects.word(str(item.value), None, item.span, *LAYER_KINDS)
        return LayerItem(found, None, None, {}, item.span)
    assert isinstance(item, Mapping)
    word = next(e for e in item if e.key in _OWN or objects.catalog.find(e.key, *LAYER_KINDS))
    if word.key in _OWN:  # the object says what the item is, for those who only ask its name
        found = Object(word.key, word.key, {}, word.key_span)
    else:
        found = objects.word(word.key, word.value, word.key_span, *LAYER_KINDS)
    found, name, name_span = _name(found, item)
    section = word.value if word.key == "model" else None
    return LayerItem(
        object=found,
        name=name,
        sources=_sources(item.get("from")),
        call=_call(item.get("call")),
        span=word.key_span,
        name_span=name_span,
        source_spans=_source_spans(item),
        use=str(plain(word.value)) if word.key == "use" else "",
        use_span=word.value.span,
        model=objects.model(section) if isinstance(section, Mapping) else None,
        load=_load(word.value, objects) if word.key == "load" else None,
        call_spans=_call_spans(item.get("call")),
    )


def _load(node: Node, objects: Objects) -> LoadItem:
    section = node if isinstance(node, Mapping) else None
    path = section.get("path") if section else node
    until = section.get("until") if section else None
    assert path is not None
    return LoadItem(
        path=objects.path(path),
        until=_names(until),
        trainable=_given(section, "trainable") if section else None,
        span=path.span,
        until_span=until.span if until is not None else None,
    )


def _names(node: Node | None) -> tuple[str, ...]:
    """A name, or a list of them."""
    if isinstance(node, Sequence):
        return tuple(str(plain(item)) for item in node.items)
    return (str(plain(node)),) if node is not None else ()


def _name(found: Object, item: Mapping) -> tuple[Object, str | None, Span | None]:
    """The name from beside the word or, as in Keras, from among its arguments."""
    beside = item.entries.get("name")
    if beside:
        return found, str(plain(beside.value)), beside.value.span
    if not isinstance(found.arguments.get("name"), str):
        return found, None, None
    rest = {key: given for key, given in found.arguments.items() if key != "name"}
    moved = Object(found.kind, found.name, rest, found.span, found.spans)
    return moved, str(found.arguments["name"]), found.span_of("name")


def _sources(node: Node | None) -> tuple[str, ...] | MappingType[str, Any] | None:
    if node is None:
        return None
    if isinstance(node, Scalar):
        return (str(node.value),)
    found = plain(node)
    if isinstance(found, list):
        return tuple(map(str, found))
    assert isinstance(found, dict)
    return {
        key: tuple(map(str, names)) if isinstance(names, list) else str(names)
        for key, names in found.items()
    }


def _source_spans(item: Mapping) -> dict[str, Span]:
    """Where each name of `from` stands, by name, and each call argument, as `argument:`."""
    spans: dict[str, Span] = {}
    stack = [item.get("from")]
    while stack:
        node = stack.pop()
        if isinstance(node, Scalar):
            spans[str(node.value)] = node.span
        elif isinstance(node, Sequence):
            stack.extend(node.items)
        elif node is not None:
            spans.update({f"{entry.key}:": entry.key_span for entry in node})
            stack.extend(entry.value for entry in node)
    if "from" in item.entries:
        spans[""] = item.entries["from"].key_span
    return spans


def _call(node: Node | None) -> MappingType[str, Value]:
    found = value(node) if node is not None else {}
    return found if isinstance(found, dict) else {}


def _call_spans(node: Node | None) -> dict[str, Span]:
    entries = list(node) if isinstance(node, Mapping) else []
    keys = {entry.key: entry.key_span for entry in entries}
    return {**keys, **{f"{entry.key}:": entry.value.span for entry in entries}}


def _given(node: Mapping, key: str) -> Any:
    found = node.get(key)
    return None if found is None else value(found)
