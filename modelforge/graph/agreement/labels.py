"""An output that learns a multi-label target: one sigmoid unit for each label, each on its own."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.findings import Findings
from modelforge.graph.agreement.target import NEEDS, Form, Output, say_target
from modelforge.graph.given import Learned
from modelforge.spec import Object

LOSS = "BinaryCrossentropy"
_METRICS: Mapping[str, str] = {
    "TopKCategoricalAccuracy": "Recall: {top_k: 5}",
    "SparseTopKCategoricalAccuracy": "Recall: {top_k: 5}",
    "CategoricalCrossentropy": LOSS,
    "SparseCategoricalCrossentropy": LOSS,
}
_RANKING = ("F1Score", "FBetaScore")


def check_head(
    form: Form, loss: Object, output: Output, target: Learned, findings: Findings
) -> None:
    """Adds what is wrong with the loss, the activation, the rank and the units of the output."""
    if form not in ("yes-no", "measure"):
        findings.error(
            "loss-mismatch",
            f"the loss `{loss.name}` needs {NEEDS[form]}",
            loss.span,
            hint=f"use `{LOSS}`",
            notes=[say_target(target), _head(target)],
        )
    if output.softmax:
        findings.error(
            "softmax-of-labels",
            f"`softmax` makes the labels of `{output.name}` share a probability of 1, but a sample "
            "may have several of them, or none",
            output.span,
            hint="use `sigmoid`",
            notes=[_head(target)],
        )
    if len(output.shape) != 2:
        findings.error(
            "output-rank",
            f"the output `{output.name}` has the shape {output.shape}, but there is one number per "
            "label",
            output.span,
            notes=["put `Flatten` or a global pooling layer before the last `Dense`"],
        )
        return
    _check_units(output, target, findings)


def check_label_metric(metric: Object, output: Output, target: Learned, findings: Findings) -> None:
    """Adds what a metric would count that is not meant; metric: one that compares columns."""
    if metric.name in _RANKING:
        if metric.arguments.get("threshold") is None:
            findings.warning(
                "metric-mismatch",
                f"without `threshold`, `{metric.name}` takes the best label of each sample alone",
                metric.span,
                hint=f"write `{metric.name}: {{threshold: 0.5}}`",
                notes=[say_target(target)],
            )
        return
    instead = _METRICS.get(metric.name, "BinaryAccuracy")
    findings.error(
        "metric-mismatch",
        f"the metric `{metric.name}` compares the best label of each sample alone",
        metric.span,
        hint=f"use `{instead}`",
        notes=[say_target(target), "`modelforge evaluate` shows the scores of every label"],
    )


def _check_units(output: Output, target: Learned, findings: Findings) -> None:
    labels = target.facts.get("classes")
    if labels is None or output.units is None or output.units == labels:
        return
    names = target.facts.get("class_names") or ()
    shown = ", ".join(map(str, names[:8])) + (", ..." if len(names) > 8 else "")
    units = "1 unit" if output.units == 1 else f"{output.units} units"
    findings.error(
        "output-units",
        f"the output `{output.name}` has {units}, but the data has {labels} labels",
        output.units_span,
        hint=f"give it {labels} units",
        notes=[f"labels: {shown}", _head(target)],
    )


def _head(target: Learned) -> str:
    units = f"${{{target.below}.classes}}"
    return (
        f'a head for labels: `Dense: {{units: "{units}", activation: sigmoid}}` with the loss '
        f"`{LOSS}`"
    )
