"""What the numbers of an output are, logits or probabilities, held against what a loss takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from modelforge.catalog import load_catalog
from modelforge.findings import Findings
from modelforge.graph.agreement.target import Output
from modelforge.graph.given import Given, Learned
from modelforge.spec import Object, TrainSection

RULE = "scores-mismatch"
SHARES, EACH = "softmax", "sigmoid"  # what probabilities of one class among several, and of each

# Losses over probabilities, which take logits with `from_logits: true`.
_LOSSES = {
    "SparseCategoricalCrossentropy": SHARES,
    "CategoricalCrossentropy": SHARES,
    "CategoricalFocalCrossentropy": SHARES,
    "BinaryCrossentropy": EACH,
    "BinaryFocalCrossentropy": EACH,
}
_ADDING_UP = ("softmax", "sparsemax")
_BETWEEN = (*_ADDING_UP, "sigmoid", "hard_sigmoid", "sparse_sigmoid")  # 0 and 1
# Keras divides the numbers of all classes by their sum: these at least have no sign.
_POSITIVE = (*_BETWEEN, "exponential", "relu", "relu6", "softplus", "squareplus", "sparse_plus")
# Metrics of probabilities, and what makes them take logits.
_OF_LOGITS = {
    "AUC": "from_logits: true",
    "BinaryAccuracy": "threshold: 0",
    "Precision": "thresholds: 0",
    "Recall": "thresholds: 0",
}
_RANGES = {
    **dict.fromkeys(_BETWEEN, (0.0, 1.0)),
    **dict.fromkeys(("tanh", "hard_tanh", "softsign"), (-1.0, 1.0)),
    **dict.fromkeys(("relu", "exponential", "softplus"), (0.0, float("inf"))),
    "relu6": (0.0, 6.0),
}


class _Wrong(NamedTuple):
    severe: bool
    message: str
    hint: str
    notes: tuple[str, ...] = ()


def check_scores(
    train: TrainSection, outputs: tuple[Output, ...], data: Given, findings: Findings
) -> None:
    """Adds outputs whose activation is not what their loss takes, or cannot give the target."""
    for output in outputs:
        loss = train.loss.get(output.name) if isinstance(train.loss, Mapping) else train.loss
        if loss is None or not output.activation:
            continue
        target = data.of(output.name)
        for wrong in (*_of_loss(loss, output, target), *_of_range(loss, output, target)):
            report = findings.error if wrong.severe else findings.warning
            place = output.activation_span
            report(RULE, wrong.message, place, hint=wrong.hint, notes=wrong.notes)
        _check_metrics(loss, output, train, findings)


def _of_loss(loss: Object, output: Output, target: Learned) -> Iterator[_Wrong]:
    wanted, logits = _LOSSES.get(loss.name, ""), loss.arguments.get("from_logits", False)
    if not wanted or (output.units == 1 and output.activation in _ADDING_UP):
        return  # softmax of one unit is told elsewhere
    if target.kind == "number" and "target_mean" not in target.facts:
        return  # only the data can tell whether its numbers may be probabilities
    what, activation = f"the output `{output.name}`", output.activation
    takes = f"`{loss.name}` takes probabilities, or logits with `from_logits: true`"
    either = f"give it `activation: {wanted}`, or the loss `from_logits: true`"
    if logits is True and output.activation in _BETWEEN:
        yield _Wrong(
            False,
            f"{what} gives probabilities (`{output.activation}`), but `from_logits: true` says "
            "that it gives logits",
            "leave one of them out",
            ("the loss applies its own " + wanted,),
        )
    if logits is not False:
        return
    if output.activation not in (_BETWEEN if wanted == EACH else _POSITIVE):
        yield _Wrong(True, f"{what} gives no probabilities ({_said(output)})", either, (takes,))
    elif wanted == SHARES and output.activation not in (*_ADDING_UP, "exponential"):
        yield _Wrong(
            False,
            f"the numbers of {what} do not add up to 1 ({_said(output)})",
            either,
            (f"{takes}; Keras divides them by their sum",),
        )
    elif wanted == EACH and output.activation in _ADDING_UP and target.kind == "array":
        yield _Wrong(
            False,
            f"`{activation}` lets only one of the {output.units} units of {what} be near 1",
            "if several may hold at once: `activation: sigmoid`; if only one can: "
            "`CategoricalCrossentropy`",
        )


def _said(output: Output) -> str:
    none = output.activation == "linear"
    return "it has no activation" if none else f"`{output.activation}`"


def _of_range(loss: Object, output: Output, target: Learned) -> Iterator[_Wrong]:
    """A number to be learned whose mean the activation cannot even give."""
    mean, between = target.facts.get("target_mean"), _RANGES.get(output.activation)
    if target.kind != "number" or loss.name in _LOSSES or not isinstance(mean, float):
        return
    if between is not None and not between[0] <= mean <= between[1]:
        low, high = between
        reach = f"between {low:g} and {high:g}" if high < float("inf") else f"{low:g} or more"
        yield _Wrong(
            True,
            f"the output `{output.name}` gives numbers {reach} (`{output.activation}`), but the "
            f"mean of what it learns is {mean:.4g}",
            "leave the activation out",
        )


def _check_metrics(loss: Object, output: Output, train: TrainSection, findings: Findings) -> None:
    """Metrics that take probabilities, given logits."""
    logits = loss.arguments.get("from_logits") is True
    if not logits or _LOSSES.get(loss.name) != EACH or output.activation in _BETWEEN:
        return
    chosen = train.metrics
    for metric in chosen.get(output.name, ()) if isinstance(chosen, Mapping) else chosen:
        word = load_catalog().find(metric.name, "metric")
        by_keras = word is not None and word.chosen_by_keras
        name = "BinaryAccuracy" if by_keras else metric.name
        mend = _OF_LOGITS.get(name, "")
        if not mend or mend.split(":")[0] in metric.arguments:
            continue
        findings.warning(
            RULE,
            f"`{metric.name}` takes probabilities, and the output `{output.name}` gives logits",
            metric.span,
            hint=f"write `{name}: {{{mend}}}`",
        )
