"""`class_weight`: which outputs and classes it names, and whether it can be used at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modelforge.findings import Findings, Span, did_you_mean, listed
from modelforge.graph.given import Given, Learned
from modelforge.spec import TrainSection
from modelforge.spec.targets import MULTI_LABEL

BALANCED = "balanced"
_CLASSES = ("classes", "binary")
KEY = "class_weight"


def check_class_weight(
    train: TrainSection, data: Given, outputs: Sequence[str], findings: Findings
) -> None:
    """Adds what is wrong with `class_weight`."""
    weights = train.class_weight
    if weights is None or any(data.of(output).kind == "" for output in outputs):
        return
    with_classes = [output for output in outputs if data.of(output).kind in _CLASSES]
    span = train.span_of(KEY)
    with_labels = [output for output in outputs if data.of(output).kind == MULTI_LABEL]
    if not with_classes and with_labels:
        _refuse_labels(with_labels[0], span, findings)
    elif not with_classes:
        findings.error("class-weight", f"`{KEY}` needs classes, but the target has none", span)
    elif is_by_output(weights):
        _check_outputs(train, with_classes, (outputs, data), findings)
    elif isinstance(weights, Mapping):
        different = {tuple(data.of(it).facts["class_names"]) for it in with_classes}
        if len(different) > 1:
            findings.error(
                "class-weight",
                f"`{KEY}` does not say of which output these classes are",
                span,
                hint=f"write it by output: `{KEY}: {{{with_classes[0]}: ...}}`",
                notes=[f"outputs with classes: {listed(with_classes)}"],
            )
            return
        _check_names((KEY, weights), data.of(with_classes[0]), train, findings)


def is_by_output(weights: Any) -> bool:
    """Whether weights are given output by output."""
    return isinstance(weights, Mapping) and any(
        isinstance(weight, Mapping | str) for weight in weights.values()
    )


def class_weight_of(train: TrainSection, output: str, learned: Learned) -> Any:
    """`balanced`, or the weights by class, of an output; None where it has none."""
    weights = train.class_weight
    if learned.kind not in _CLASSES:
        return None
    return weights.get(output) if is_by_output(weights) else weights  # type: ignore[union-attr]


def class_number(name: str, learned: Learned) -> int | None:
    """The number of a class, given by its name or its number; None for no such class."""
    names = [str(known) for known in learned.facts.get("class_names", ())]
    if name in names:
        return names.index(name)
    number = int(name) if name.isdecimal() else -1
    return number if 0 <= number < int(learned.facts["classes"]) else None


def _check_outputs(
    train: TrainSection,
    with_classes: Sequence[str],
    known: tuple[Sequence[str], Given],
    findings: Findings,
) -> None:
    outputs, data = known
    assert isinstance(train.class_weight, Mapping)
    for name, weights in train.class_weight.items():
        span = train.span_of(f"{KEY}.{name}")
        if name not in outputs:
            findings.error(
                "unknown-output",
                f"the model has no output `{name}`",
                span,
                hint=did_you_mean(name, outputs),
                notes=[f"outputs: {listed(outputs)}"],
            )
        elif data.of(name).kind == MULTI_LABEL:
            _refuse_labels(name, span, findings)
        elif name not in with_classes:
            findings.error("class-weight", f"`{KEY}` needs classes, but `{name}` learns none", span)
        elif isinstance(weights, Mapping):
            _check_names((f"{KEY}.{name}", weights), data.of(name), train, findings)
        elif weights != BALANCED:
            findings.error(
                "class-weight",
                f"the output `{name}` has the weight {weights}, expected `{BALANCED}` or weights "
                "by class",
                span,
                notes=["how much an output counts is said by `loss_weights`"],
            )


def _refuse_labels(output: str, span: Span, findings: Findings) -> None:
    findings.error(
        "class-weight",
        f"`{KEY}` weighs a sample by its one class, but a sample of `{output}` has any number of "
        "labels",
        span,
        hint="use `BinaryFocalCrossentropy: {apply_class_balancing: true, alpha: 0.75}`",
        notes=["`alpha` is the weight of a label that is there, 1 - `alpha` of one that is not"],
    )


def _check_names(
    written: tuple[str, Mapping[str, Any]],
    learned: Learned,
    train: TrainSection,
    findings: Findings,
) -> None:
    path, weights = written
    names = [str(known) for known in learned.facts.get("class_names", ())]
    for name, weight in weights.items():
        place = train.span_of(f"{path}.{name}")
        if class_number(str(name), learned) is None:
            findings.error(
                "unknown-class",
                f"`{KEY}` names a class `{name}` that the data does not have",
                place,
                hint=did_you_mean(str(name), names),
                notes=[f"classes: {listed(names)}"],
            )
        elif isinstance(weight, int | float) and weight < 0:
            findings.error(
                "class-weight", f"the weight {weight} of class `{name}` is negative", place
            )
