"""What a worker tells those who watch it: what it will train, and each step that it makes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import keras

from modelforge.data.bundle import Bundle
from modelforge.graph import Loaded
from modelforge.runs.resolved import PATHS
from modelforge.spec.resolved import Resolved
from modelforge.workers import Link
from modelforge.workers.link import ENDING, TRAINING

_MOST = 5000  # values of a spec that are compared one by one; of a longer one the sum is


def facts_of(loaded: Loaded, bundle: Bundle) -> dict[str, str]:
    """What has to be the same for all workers, by its place; paths may differ between machines."""
    resolved = Resolved(loaded.catalog).spec(loaded.spec)
    for role in ("train", "validation", "test"):
        source = resolved.get("data", {}).get(role)
        if isinstance(source, dict):
            for arguments in source.values():
                if isinstance(arguments, dict):
                    for path in PATHS:
                        arguments.pop(path, None)
    facts = dict(_flat(resolved, ""))
    if len(facts) > _MOST:
        text = json.dumps(facts, sort_keys=True)
        facts = {"spec": hashlib.sha256(text.encode()).hexdigest()}
    for file in loaded.vocabulary.plugins:
        facts[f"the plugin `{file.path}`"] = hashlib.sha256(file.content).hexdigest()
    for name, source in bundle.manifest["sources"].items():
        facts[f"samples of `{name}`"] = str(source["size"])
        facts[f"fingerprint of `{name}`"] = str(source["fingerprint"])
    return facts


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for name, item in value.items():
            yield from _flat(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple) and value:
        for number, item in enumerate(value):
            yield from _flat(item, f"{path}[{number}]")
    else:
        yield path, json.dumps(value, default=str)


class Steady(keras.callbacks.Callback):
    """Tells each step and, from the first to the last, that the workers need one another.

    It is the first of all callbacks: a step has ended before what others do after it.
    """

    def __init__(self, link: Link) -> None:
        super().__init__()
        self._link = link

    def on_train_begin(self, logs: Any = None) -> None:
        """From here on one worker that stands still holds up all."""
        self._link.phase = TRAINING

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """A step of training."""
        self._link.steps += 1

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """A step of validation."""
        self._link.steps += 1

    def on_train_end(self, logs: Any = None) -> None:
        """What comes now each worker does for itself."""
        self._link.phase = ENDING
