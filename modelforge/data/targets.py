"""What outputs learn: the targets of the source, or inputs, and what is told of them."""

from __future__ import annotations

import numpy as np

from modelforge.data.samples import Samples, Target
from modelforge.graph.given import Learned
from modelforge.spec import DataSection
from modelforge.spec.targets import INPUTS, MULTI_LABEL, ONLY, inputs_learned


def learning_inputs(section: DataSection, samples: Samples) -> Samples:
    """The samples with the inputs among their targets that `data.target` names."""
    if section.target is None:
        return samples
    wanted = inputs_learned(section.target, list(samples.tensors))
    inputs = {
        output: Target(None, "array", input=name)
        for output, name in wanted.items()
        if name in samples.tensors  # what is no input has been reported with the model's outputs
    }
    rest = samples.targets if section.target != INPUTS else {}
    return samples.with_targets({**rest, **inputs})


def learned_targets(samples: Samples, chosen: np.ndarray) -> dict[str, Learned]:
    """What is told of each target; chosen: the training samples."""
    if not samples.targets:
        return {ONLY: Learned("none")}
    return {name: _learned(target, samples, chosen) for name, target in samples.targets.items()}


def _learned(target: Target, samples: Samples, chosen: np.ndarray) -> Learned:
    if target.values is None:
        return Learned(target.kind, samples.tensors[target.input].shape)
    if target.class_names:
        names = list(target.class_names)
        values = target.values[chosen]
        shape: tuple[int, ...] = ()
        if target.kind == MULTI_LABEL:
            shape, counts = (len(names),), values.sum(axis=0, dtype=np.int64)
        else:
            counts = np.bincount(values, minlength=len(names))
        facts = {"classes": len(names), "class_names": names, "class_counts": counts.tolist()}
        return Learned(target.kind, shape, facts)
    if target.kind != "number":
        return Learned(target.kind, target.values.shape[1:])
    numbers = target.values[chosen].astype(np.float64)
    facts = {"target_mean": float(numbers.mean()), "target_std": float(numbers.std()) or 1.0}
    return Learned("number", (1,), facts)
