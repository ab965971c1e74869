"""What can be told of the data without opening it: its source's word, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import ceil
from pathlib import Path

from modelforge.catalog.naming import MAIN
from modelforge.document import Plain
from modelforge.graph.given import Given, Learned, target_facts
from modelforge.graph.sources import ToldSource, class_facts, named_target, told_source
from modelforge.sniff.shares import left_for_training
from modelforge.spec import DataSection
from modelforge.spec.targets import INPUTS, ONLY, asked_targets, has_several, inputs_learned


def look(data: DataSection | None, root: Path) -> Given:
    """What can be told of the data without opening it; root: where relative paths start."""
    if data is None:
        return Given()
    source = told_source(data.train, root, needed=data.target != INPUTS)
    if has_several(data.train) and not source.several:
        # A column holds one value a row; of an array that cannot be read, not even that is known.
        shape = None if data.train.name == "NPZ" else ()
        several = {it.name: named_target(it, shape) for it in asked_targets(data.train)}
        source = replace(source, several=several)
    targets = _targets(data, source)
    return Given(source.shapes, source.dtypes, targets, _facts(data, source, targets))


def _targets(data: DataSection, source: ToldSource) -> dict[str, Learned]:
    """The targets by name, those that are inputs among them."""
    inputs = inputs_learned(data.target, list(source.shapes) or [MAIN])
    if data.target == INPUTS:
        if not source.shapes:
            return {}
        return {name: Learned("array", source.shapes[it]) for name, it in inputs.items()}
    found = dict(source.several)
    if not found:
        facts: Mapping[str, Plain] = class_facts(source.class_names) if source.class_names else {}
        found[ONLY] = Learned(source.target, (1,) if source.target == "number" else None, facts)
    return found | {name: Learned("array", source.shapes.get(it)) for name, it in inputs.items()}


def _facts(
    data: DataSection, source: ToldSource, targets: Mapping[str, Learned]
) -> dict[str, Plain]:
    facts: dict[str, Plain] = {}
    if source.shapes:
        first = next(iter(source.shapes.values()))
        facts["shape"] = list(first)
        facts["features"] = first[0] if len(first) == 1 else None
    only = targets.get(ONLY)
    if targets and (only is None or only.kind in ("number", "array")):
        facts.update(dict.fromkeys(("classes", "class_names", "class_counts")))
    if (only is None and targets) or (only is not None and only.kind == "array"):
        facts.update(dict.fromkeys(("target_mean", "target_std")))
    facts.update(target_facts(targets))
    facts.update(_sizes(data, source, only))
    return facts


def _sizes(data: DataSection, source: ToldSource, only: Learned | None) -> dict[str, Plain]:
    """The size of the training share and what follows from it."""
    shares = {
        name: share
        for name in ("validation", "test")
        if isinstance(share := getattr(data, name), float)
    }
    if source.size is None or (source.counts is None and shares) or sum(shares.values()) >= 1:
        return {}
    left, counts = left_for_training(source.size, source.counts or (), shares)
    facts: dict[str, Plain] = {"size": left}
    if not data.per_replica:  # else it depends on how many replicas there will be
        facts["steps_per_epoch"] = ceil(left / max(1, data.size_over(1, left)))
    classes = only is not None and only.kind in ("classes", "binary")
    return facts | ({"class_counts": list(counts)} if counts and classes else {})
