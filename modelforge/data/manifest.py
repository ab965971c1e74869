"""The manifest of opened data: plain values for `data.json`, from which new files can be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelforge.data.bundle import Split
from modelforge.data.samples import Samples
from modelforge.spec import DataSection, Deferred, Object, Value
from modelforge.spec.targets import ONLY

SCHEMA_VERSION = 1


def make_manifest(
    section: DataSection,
    sources: Mapping[str, Samples],
    splits: Mapping[str, Split | None],
    reading: Mapping[str, Any],
) -> dict[str, Any]:
    """The manifest; sources: the samples of each split that is a source of its own."""
    train = sources["train"]
    only = train.targets.get(ONLY)
    return {
        "schema_version": SCHEMA_VERSION,
        "sources": {name: _source(section, name, samples) for name, samples in sources.items()},
        "splits": {
            name: {"size": split.size, "steps": split.steps, "from": _origin(name, sources)}
            for name, split in splits.items()
            if split is not None
        },
        "seed": section.seed,
        "batch_size": section.written_batch_size,
        "target": only.kind if only else "none",
        "classes": list(only.class_names) if only else [],
        "targets": [
            {"output": name, "kind": it.kind, "classes": list(it.class_names), "input": it.input}
            for name, it in train.targets.items()
        ],
        "inputs": {
            name: {"shape": list(tensor.shape), "dtype": tensor.dtype}
            for name, tensor in train.tensors.items()
        },
        "reading": dict(reading),
    }


def _source(section: DataSection, name: str, samples: Samples) -> dict[str, Any]:
    item = getattr(section, name)
    written = {"word": item.name, "arguments": as_plain(item.arguments)}
    return {
        **written,
        **dict(samples.origin),
        "size": samples.size,
        "fingerprint": samples.fingerprint,
    }


def _origin(name: str, sources: Mapping[str, Samples]) -> str:
    return name if name in sources else "train"


def as_plain(value: Value) -> Any:
    """A spec's value as JSON has it."""
    if isinstance(value, Object):
        return {value.name: as_plain(value.arguments)} if value.arguments else value.name
    if isinstance(value, Mapping):
        return {key: as_plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [as_plain(item) for item in value]
    return value.expression if isinstance(value, Deferred) else value
