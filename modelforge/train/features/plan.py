"""Whether the features of a phase are computed once, and which they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import tensorflow as tf

from modelforge.build.frontier import Feature, Frontier, find_frontier
from modelforge.data.bundle import Split
from modelforge.findings import Findings, listed
from modelforge.findings.size import size_text
from modelforge.spec import Phase
from modelforge.train.execute import Execution

NONE, AUTO, MEMORY, DISK = "none", "auto", "memory", "disk"

# More than so much only where features are no larger than so many times what they are made from:
# reading them would take longer than computing them.
_SMALL = 256 * 2**20
_TIMES = 4
_MOST = 64  # samples of a batch; fewer where the batches of training are smaller


@dataclass(frozen=True)
class Plan:
    """Where a model is divided in a phase. asked: where the features shall be kept."""

    frontier: Frontier
    asked: str
    splits: tuple[Split, ...]
    batch_size: int

    @property
    def bytes(self) -> int:
        """How much room the features of all samples take."""
        return self.samples * sum(map(_bytes, self.frontier.features))

    @property
    def samples(self) -> int:
        """Of how many samples they are computed, those of validation among them."""
        return sum(split.size for split in self.splits)

    def line(self, where: str) -> str:
        """What people are told. where: `memory` or `disk`."""
        found = self.frontier.features
        of = listed([f"`{it.name}`" for it in found], 3)
        numbers = sum(it.numbers or 0 for it in found)
        place = "in memory" if where == MEMORY else "on disk"
        return (
            f"features: the output of {of}, {numbers:,} numbers for each of "
            f"{self.samples:,} samples, is computed once ({size_text(self.bytes)} {place})"
        )


def plan_features(execution: Execution, phase: Phase, findings: Findings) -> Plan | None:
    """The plan of a phase whose model is compiled; None where every step computes everything.

    Adds a warning where the phase asks for features that it cannot have.
    """
    train, bundle = phase.train, execution.bundle
    asked = train.frozen_features
    if asked == NONE:
        return None
    frontier = find_frontier(execution.model)
    splits = tuple(it for it in (bundle.train, bundle.validation) if it is not None)
    size = min(_MOST, bundle.train.batch_size)
    plan = Plan(frontier, asked, splits, size)
    against = next(_against(plan), "")
    if not against:
        return None if asked == AUTO and _is_large(plan, execution) else plan
    if asked != AUTO and (not phase.name or "frozen_features" in phase.own):
        findings.warning(
            "no-frozen-features",
            f"nothing is computed once: {against}",
            train.span_of("frozen_features"),
            notes=["the run is the same without features, only slower"],
        )
    return None


def _against(plan: Plan) -> Iterator[str]:
    """What speaks against features, the most important first."""
    if any(it.augmented for it in plan.splits):
        yield "`augment` changes what goes into the model in each epoch"
    if any(it.with_inputs is None for it in plan.splits):
        yield "what the model learns is an input"
    frontier = plan.frontier
    if not frontier.features:
        name, why = frontier.first
        at = f"`{name}`: {why}" if name else "nothing is trained"
        yield f"no frozen layer stands below {at}" if name else at
    if not frontier.model.trainable_variables:
        yield "nothing is trained"
    open_ones = [f"`{it.name}`" for it in frontier.features if it.numbers is None]
    if open_ones:
        yield f"how many numbers {listed(open_ones)} gives is not the same for all samples"
    texts = [f"`{it.name}`" for it in frontier.features if it.dtype == "string"]
    if texts:
        yield f"{listed(texts)} is text"


def _is_large(plan: Plan, execution: Execution) -> bool:
    """Whether features take so much room that reading them would take the time they save."""
    inputs = execution.bundle.inputs.values()
    sizes = [Feature("", it.shape, "float32").numbers or 0 for it in inputs]
    each = plan.bytes // max(1, plan.samples)
    return plan.bytes > _SMALL and each > _TIMES * 4 * sum(sizes)


def _bytes(feature: Feature) -> int:
    numbers = feature.numbers or 0
    return numbers * tf.as_dtype(feature.dtype).size if feature.dtype != "string" else 0
