"""The shares of the training source, and what must hold of them before training starts."""

from __future__ import annotations

import numpy as np

from modelforge.data.samples import Samples
from modelforge.data.split import Parts, divide
from modelforge.findings import Findings, listed
from modelforge.spec import DataSection


def divide_source(section: DataSection, samples: Samples, findings: Findings) -> Parts:
    """The parts of the training source that the section asks for."""
    written = {"validation": section.validation, "test": section.test}
    shares = {name: share for name, share in written.items() if isinstance(share, float | int)}
    if sum(shares.values()) >= 1:
        findings.error(
            "shares-leave-nothing",
            f"validation and test together take {sum(shares.values()):g} of the training source",
            section.span_of(next(iter(shares))),
            notes=("what is left is for training; write shares that add up to less than 1",),
        )
        shares = {}
    strata = samples.strata
    parts = divide(samples.size, strata.values if strata else None, shares, section.seed)
    for name in shares:
        _check_share(name, parts, (section, samples), findings)
    return parts


def batch_size_of(section: DataSection, train_size: int, replicas: int, findings: Findings) -> int:
    """The batch size over all replicas as a number; larger than the training set is an error."""
    size = section.size_over(replicas, train_size)
    if size > max(1, train_size):
        told = f" ({section.batch_size} for each of {replicas} replicas)"
        findings.error(
            "batch-larger-than-data",
            f"a batch of {size}{told if section.per_replica else ''} is more than the "
            f"{train_size} training samples there are",
            section.span_of("batch_size"),
            notes=("write a smaller number, or `batch_size: all` for one batch of everything",),
        )
    return size


def _check_share(
    name: str, parts: Parts, asked: tuple[DataSection, Samples], findings: Findings
) -> None:
    section, samples = asked
    part = parts.get(name)
    span = section.span_of(name)
    if part is None or len(part) == 0:
        findings.error(
            "share-is-empty",
            f"a share of {getattr(section, name):g} of {samples.size} samples leaves "
            f"`{name}` empty",
            span,
            notes=("write a larger share, or name a source of its own",),
        )
        return
    strata = samples.strata
    if strata is None or strata.values is None:
        return
    found = strata.values[part]
    there = np.unique(found) if strata.names_one_class else np.flatnonzero(found.any(axis=0))
    absent = [c for i, c in enumerate(strata.class_names) if i not in there]
    if absent:
        what = "of class" if strata.names_one_class else "with the label"
        findings.warning(
            "share-lacks-a-class",
            f"`{name}` has {len(part)} samples and none {what} {listed(absent)}",
            span,
            notes=(
                f"its scores will say nothing about {'them' if len(absent) > 1 else 'it'}; "
                "write a larger share",
            ),
        )
