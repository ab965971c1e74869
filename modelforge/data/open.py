"""The front door: a `data` section becomes a Bundle, or findings at the lines that are wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from modelforge.data.augmentation import Augmentation
from modelforge.data.augmentation_checks import check_augmentation
from modelforge.data.bundle import Bundle, Split, Tensor
from modelforge.data.manifest import make_manifest
from modelforge.data.pipeline import Serving, make_split
from modelforge.data.place import Request
from modelforge.data.samples import Samples
from modelforge.data.shares import batch_size_of, divide_source
from modelforge.data.sources import read_source
from modelforge.data.split import Parts
from modelforge.data.targets import learned_targets, learning_inputs
from modelforge.findings import Findings
from modelforge.graph.given import target_facts
from modelforge.runs.resolved import PATHS
from modelforge.spec import DataSection, Object
from modelforge.spec.targets import INPUTS


def open_data(
    section: DataSection,
    root: Path,
    findings: Findings,
    augment: Sequence[Any] = (),
    replicas: int = 1,
) -> Bundle:
    """Opens the data of a spec; raises Refused with everything found if there is an error.

    root: the folder from which relative paths start. augment: Keras layers, already made, that
    are applied to the first input of training batches only. replicas: over how many the spec's
    batch size is meant where it says it by replica.
    """
    train = _read(section, "train", root, findings)
    findings.stop_on_errors()
    assert train is not None
    parts = divide_source(section, train, findings)
    train = train.learn(parts.train)
    sources = {"train": train}
    for name in ("validation", "test"):
        if isinstance(getattr(section, name), Object):
            samples = _read(section, name, root, findings, train)
            if samples is not None:
                sources[name] = samples
                _check_other(section, name, samples, train, findings)
    batch_size_of(section, len(parts.train), replicas, findings)
    findings.stop_on_errors()
    sources = {name: learning_inputs(section, samples) for name, samples in sources.items()}

    def serve(section: DataSection, augment: Sequence[Any], findings: Findings) -> Bundle:
        batch_size = batch_size_of(section, len(parts.train), replicas, findings)
        check_augmentation(section, augment, next(iter(train.tensors.values())), findings)
        findings.stop_on_errors()
        splits = _splits(section, sources, parts, (batch_size, augment))
        return replace(_bundle(section, sources, splits, parts), serve=serve)

    return serve(section, augment, findings)


def _read(
    section: DataSection,
    role: str,
    root: Path,
    findings: Findings,
    like: Samples | None = None,
) -> Samples | None:
    needs_target = section.target != INPUTS
    request = Request(
        getattr(section, role), root, findings, role, section.cache, needs_target=needs_target
    )
    return read_source(request, like)


def _check_other(
    section: DataSection, name: str, samples: Samples, train: Samples, findings: Findings
) -> None:
    """Measured on what it has learned, any model looks good."""
    item = getattr(section, name)
    same = samples.fingerprint == train.fingerprint != "" and item.name == section.train.name
    # One archive may hold the arrays of both.
    if same and _but_path(item) == _but_path(section.train):
        findings.error(
            "same-data",
            f"`{name}` is the same data as `train`",
            item.span,
            notes=[f"name other data, or let `{name}: 0.2` keep a share of it from training"],
        )


def _but_path(source: Object) -> dict[str, Any]:
    return {name: value for name, value in source.arguments.items() if name not in PATHS}


def _splits(
    section: DataSection,
    sources: Mapping[str, Samples],
    parts: Parts,
    training: tuple[int, Sequence[Any]],
) -> dict[str, Split | None]:
    batch_size, augment = training
    serving = Serving(
        batch_size,
        section.seed if section.shuffle else None,
        Augmentation(augment, section.seed, by_sample=section.augment_by == "sample")
        if augment
        else None,
    )
    splits: dict[str, Split | None] = {
        "train": make_split("train", sources["train"], parts.train, serving)
    }
    for name in ("validation", "test"):
        chosen, samples = parts.get(name), sources["train"]
        if name in sources:
            samples = sources[name]
            chosen = np.arange(samples.size)
        splits[name] = (
            None if chosen is None else make_split(name, samples, chosen, Serving(batch_size))
        )
    return splits


def _bundle(
    section: DataSection,
    sources: Mapping[str, Samples],
    splits: Mapping[str, Split | None],
    parts: Parts,
) -> Bundle:
    train, train_split = sources["train"], splits["train"]
    assert train_split is not None
    targets = learned_targets(train, parts.train)
    return Bundle(
        train=train_split,
        validation=splits["validation"],
        test=splits["test"],
        inputs=train.tensors,
        targets=targets,
        facts={**_facts(train, train_split), **target_facts(targets)},
        manifest=make_manifest(section, sources, splits, train.reading),
        preprocessing=train.preprocessing,
        raw_inputs=train.raw_tensors or train.tensors,
        recheck=lambda: [line for samples in sources.values() for line in samples.recheck()],
    )


def _facts(samples: Samples, split: Split) -> dict[str, Any]:
    """What a spec may use as `data.*` beside what the targets tell."""
    first: Tensor = next(iter(samples.tensors.values()))
    facts: dict[str, Any] = {
        "size": split.size,
        "steps_per_epoch": split.steps,
        "shape": list(first.shape),
    }
    if len(first.shape) == 1:
        facts["features"] = first.shape[0]
    return facts
