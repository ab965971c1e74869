"""`class_weight`: which classes it names, and whether it can be used at all."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.findings import Findings, did_you_mean, listed
from modelforge.graph.given import Given
from modelforge.spec import TrainSection


def check_class_weight(train: TrainSection, data: Given, outputs: int, findings: Findings) -> None:
    """Adds what is wrong with `class_weight`."""
    weights = train.class_weight
    if weights is None:
        return
    span = train.span_of("class_weight")
    if data.target not in ("classes", "binary"):
        findings.error(
            "class-weight", "`class_weight` needs classes, but the target has none", span
        )
        return
    if outputs > 1:
        findings.error(
            "class-weight",
            f"`class_weight` works for models with one output; this one has {outputs}",
            span,
            notes=["weigh the outputs against each other with `loss_weights`"],
        )
    if isinstance(weights, Mapping):
        _check_names(weights, data, train, findings)


def class_number(name: str, data: Given) -> int | None:
    """The number of a class, given by its name or its number; None for no such class."""
    names = [str(known) for known in data.facts.get("class_names", ())]
    if name in names:
        return names.index(name)
    number = int(name) if name.isdecimal() else -1
    return number if 0 <= number < int(data.facts["classes"]) else None


def _check_names(
    weights: Mapping[str, float], data: Given, train: TrainSection, findings: Findings
) -> None:
    names = [str(known) for known in data.facts.get("class_names", ())]
    for name, weight in weights.items():
        if class_number(str(name), data) is None:
            findings.error(
                "unknown-class",
                f"`class_weight` names a class `{name}` that the data does not have",
                train.span_of("class_weight"),
                hint=did_you_mean(str(name), names),
                notes=[f"classes: {listed(names)}"],
            )
        elif isinstance(weight, int | float) and weight < 0:
            findings.error(
                "class-weight",
                f"the weight {weight} of class `{name}` is negative",
                train.span_of("class_weight"),
            )
