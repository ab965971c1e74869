"""A checked document becomes a Spec."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from modelforge.catalog import Catalog
from modelforge.document import Mapping, Node, Scalar, plain
from modelforge.findings import Span
from modelforge.spec.freezing import place_of, read_freeze
from modelforge.spec.model import Models
from modelforge.spec.objects import Objects, value
from modelforge.spec.phases import divided, phase_nodes
from modelforge.spec.spec import (
    Checkpointing,
    DataSection,
    OnDivergence,
    Phase,
    Spec,
    TrainSection,
)
from modelforge.spec.thaw import read_thaw
from modelforge.spec.values import Object

PER_REPLICA = "per_replica"
BATCH_SIZE = 32  # Keras's own default in `fit`
SEED = 0


def read_spec(root: Mapping, catalog: Catalog) -> Spec:
    """The spec that a document says; the document must have passed the schema."""
    objects = Models(catalog, os.path.dirname(root.span.source.name))
    data, train = root.get("data"), root.get("train")
    return Spec(
        name=str(_plain(root, "name", PurePath(root.span.source.name).stem or "model")),
        description=str(_plain(root, "description", "")),
        model=objects.model(_mapping(root, "model")),
        data=_data(data, objects) if isinstance(data, Mapping) else None,
        train=_whole_train(train, objects) if isinstance(train, Mapping) else None,
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
        batch_size=_batch_size(node),
        shuffle=_plain(node, "shuffle", True),
        seed=_plain(node, "seed", SEED),
        augment=objects.objects(node.get("augment"), "layer"),
        augment_by=_plain(node, "augment_by", "sample"),
        cache=_plain(node, "cache", "auto"),
        span=node.span,
        spans={**_spans(node), **_names_below(node, "target")},
        target=_learned_inputs(node.get("target")),
        per_replica=isinstance(node.get("batch_size"), Mapping),
    )


def _batch_size(node: Mapping) -> int | str:
    written = node.get("batch_size")
    if isinstance(written, Mapping):
        return int(_plain(written, PER_REPLICA, BATCH_SIZE))
    found: int | str = _plain(node, "batch_size", BATCH_SIZE)
    return found


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


def _whole_train(node: Mapping, objects: Objects) -> TrainSection:
    items = [_phase(*item, objects) for item in phase_nodes(node)]
    phases = tuple(phase for item in items for phase in divided(item))
    return replace(_train(node, objects), phases=phases)


def _train(node: Mapping, objects: Objects) -> TrainSection:
    """The section without its phases."""
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
        learning_rate_scaling=_plain(node, "learning_rate_scaling", "none"),
        span=node.span,
        spans={
            **_spans(node),
            **_names_below(node, "loss", "loss_weights", "metrics", "class_weight"),
            **_names_below(node, "checkpoint", "on_divergence", "learning_rate_multipliers"),
        },
        checkpoint=_checkpointing(node.get("checkpoint")),
        on_divergence=OnDivergence(**_options(node.get("on_divergence"))),
        freeze=read_freeze(node.get("freeze")),
        batch_norm=_plain(node, "batch_norm", "auto"),
        frozen_features=_plain(node, "frozen_features", "auto"),
        learning_rate_multipliers=_plain(node, "learning_rate_multipliers", {}),
        layer_decay=_plain(node, "layer_decay", 1.0),
        thaw=read_thaw(node.get("thaw")),
    )


def _phase(name: str, own: Mapping, whole: Mapping, objects: Objects) -> Phase:
    """whole: `train` with what the phase replaces."""
    augment = own.get("augment")
    return Phase(
        name=name,
        train=_train(whole, objects),
        span=own.span,
        own=frozenset(own.entries),
        start=_plain(own, "start", "best"),
        batch_size=_batch_size(own) if "batch_size" in own.entries else None,
        per_replica=isinstance(own.get("batch_size"), Mapping),
        augment=objects.objects(augment, "layer") if augment is not None else None,
        augment_by=_plain(own, "augment_by", None),
    )


def _checkpointing(node: Node | None) -> Checkpointing:
    asked = _options(node)
    # Whoever only says how many are kept still wants them after every epoch.
    return Checkpointing(**asked) if asked.keys() - {"keep"} else Checkpointing(1, **asked)


def _options(node: Node | None) -> dict[str, Any]:
    found = plain(node) if node is not None else {}
    return dict(found) if isinstance(found, dict) else {}


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
    return {entry.key: place_of(entry) for entry in node}
