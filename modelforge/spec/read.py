"""A checked document becomes a Spec."""

from __future__ import annotations

import os
from collections.abc import Mapping as MappingType
from pathlib import PurePath
from typing import Any

from modelforge.catalog import LAYER_KINDS, Catalog
from modelforge.document import Mapping, Node, Scalar, Sequence, plain
from modelforge.findings import Span
from modelforge.spec.objects import Objects, value
from modelforge.spec.spec import (
    DataSection,
    InputItem,
    LayerItem,
    LoadItem,
    ModelSection,
    Spec,
    TrainSection,
)
from modelforge.spec.values import Object, Value

BATCH_SIZE = 32  # Keras's own default in `fit`
SEED = 0
_OWN = ("use", "model", "load")  # what stands in the place of a layer's word


def read_spec(root: Mapping, catalog: Catalog) -> Spec:
    """The spec that a document says; the document must have passed the schema."""
    objects = Objects(catalog, os.path.dirname(root.span.source.name))
    data, train = root.get("data"), root.get("train")
    return Spec(
        name=str(_plain(root, "name", PurePath(root.span.source.name).stem or "model")),
        description=str(_plain(root, "description", "")),
        model=_model(_mapping(root, "model"), objects),
        data=_data(data, objects) if isinstance(data, Mapping) else None,
        train=_train(train, objects) if isinstance(train, Mapping) else None,
        export=objects.objects(root.get("export"), "export"),
        span=root.span,
    )


def _data(node: Mapping, objects: Objects) -> DataSection:
    train = node.get("train")
    assert train is not None
    return DataSection(
        train=objects.object(train, "source"),
        validation=_share(node.get("validation"), objects),
        test=_share(node.get("test"), objects),
        batch_size=_plain(node, "batch_size", BATCH_SIZE),
        shuffle=_plain(node, "shuffle", True),
        seed=_plain(node, "seed", SEED),
        augment=objects.objects(node.get("augment"), "layer"),
        cache=_plain(node, "cache", "auto"),
        span=node.span,
        spans={**_spans(node), **_names_below(node, "target")},
        target=_learned_inputs(node.get("target")),
    )


def _learned_inputs(node: Node | None) -> str | dict[str, str] | None:
    if isinstance(node, Mapping):
        return {entry.key: str(plain(entry.value)) for entry in node}
    return str(plain(node)) if node is not None else None


def _share(node: Node | None, objects: Objects) -> Object | float | None:
    if node is None:
        return None
    if isinstance(node, Scalar) and isinstance(node.value, int | float):
        return float(node.value)
    return objects.object(node, "source")


def _model(node: Mapping, objects: Objects) -> ModelSection:
    inputs, outputs, layers = node.get("inputs"), node.get("outputs"), node.get("layers")
    assert isinstance(layers, Sequence)
    names = outputs.items if isinstance(outputs, Sequence) else []
    return ModelSection(
        inputs=tuple(map(_input, inputs)) if isinstance(inputs, Mapping) else None,
        layers=tuple(_layer(item, objects) for item in layers.items),
        outputs=tuple(str(plain(name)) for name in names) or None,
        span=layers.span,
        output_spans={str(plain(name)): name.span for name in names},
    )


def _input(entry: Any) -> InputItem:
    shape = value(entry.value.get("shape"))
    return InputItem(
        name=entry.key,
        shape=shape if isinstance(shape, tuple) else (shape,),  # type: ignore[arg-type]
        dtype=_plain(entry.value, "dtype", None),
        span=entry.key_span,
    )


def _layer(item: Node, objects: Objects) -> LayerItem:
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
        model=_model(section, objects) if isinstance(section, Mapping) else None,
        load=_load(word.value, objects.folder) if word.key == "load" else None,
        call_spans=_call_spans(item.get("call")),
    )


def _load(node: Node, folder: str) -> LoadItem:
    section = node if isinstance(node, Mapping) else None
    path = section.get("path") if section else node
    until = section.get("until") if section else None
    assert path is not None
    source = path.span.source.name
    if not source.startswith(("--", "<")):  # what is written in a file starts from its folder
        folder = os.path.dirname(source)
    return LoadItem(
        path=os.path.join(folder, os.path.expanduser(str(plain(path)))),
        until=str(plain(until)) if until is not None else "",
        trainable=_plain(section, "trainable", None) if section else None,
        span=path.span,
        until_span=until.span if until is not None else None,
    )


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


def _train(node: Mapping, objects: Objects) -> TrainSection:
    optimizer, distribute = node.get("optimizer"), node.get("distribute")
    return TrainSection(
        loss=_loss(node.get("loss"), objects),
        loss_weights=_plain(node, "loss_weights", None),
        metrics=_metrics(node.get("metrics"), objects),
        optimizer=(
            objects.object(optimizer, "optimizer")
            if optimizer is not None
            else Object("optimizer", "Adam", {}, node.span)
        ),
        epochs=value(node.get("epochs")) if node.get("epochs") else 1,  # type: ignore[arg-type]
        callbacks=objects.objects(node.get("callbacks"), "callback"),
        class_weight=_plain(node, "class_weight", None),
        precision=_plain(node, "precision", "float32"),
        distribute=(
            objects.object(distribute, "strategy")
            if distribute is not None
            else Object("strategy", "auto", {}, node.span)
        ),
        seed=_plain(node, "seed", SEED),
        deterministic=_plain(node, "deterministic", False),
        jit_compile=_plain(node, "jit_compile", "auto"),
        span=node.span,
        spans={
            **_spans(node),
            **_names_below(node, "loss", "loss_weights", "metrics", "class_weight"),
        },
    )


def _loss(node: Node | None, objects: Objects) -> Object | dict[str, Object] | None:
    if isinstance(node, Mapping) and not any(objects.catalog.find(e.key, "loss") for e in node):
        return {entry.key: objects.object(entry.value, "loss") for entry in node}
    return objects.object(node, "loss") if node is not None else None


def _metrics(
    node: Node | None, objects: Objects
) -> tuple[Object, ...] | dict[str, tuple[Object, ...]]:
    if isinstance(node, Mapping):
        return {entry.key: objects.objects(entry.value, "metric") for entry in node}
    return objects.objects(node, "metric")


def _mapping(node: Mapping, key: str) -> Mapping:
    found = node.get(key)
    assert isinstance(found, Mapping)
    return found


def _plain(node: Mapping, key: str, default: Any) -> Any:
    found = node.get(key)
    return default if found is None else value(found)


def _names_below(node: Mapping, *keys: str) -> dict[str, Span]:
    """Where each name stands that should be an output's, `loss.digit`, and what is below it."""
    spans: dict[str, Span] = {}
    for key in keys:
        section = node.get(key)
        for entry in section if isinstance(section, Mapping) else ():
            path = f"{key}.{entry.key}"
            spans[path] = entry.key_span
            if isinstance(entry.value, Mapping):
                spans |= {f"{path}.{below.key}": below.key_span for below in entry.value}
    return spans


def _spans(node: Mapping) -> dict[str, Span]:
    return {entry.key: entry.key_span for entry in node}
