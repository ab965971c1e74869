"""A metric that cannot fit the output or the labels."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.catalog import load_catalog
from modelforge.findings import Findings
from modelforge.graph.agreement.labels import check_label_metric
from modelforge.graph.agreement.target import FORMS, NEEDS, UNTOLD, Output, say_target
from modelforge.graph.given import Given, Learned
from modelforge.spec import Object, TrainSection
from modelforge.spec.targets import MULTI_LABEL

_SPARSE = {
    "CategoricalAccuracy": "SparseCategoricalAccuracy",
    "TopKCategoricalAccuracy": "SparseTopKCategoricalAccuracy",
    "CategoricalCrossentropy": "SparseCategoricalCrossentropy",
}
_OTHER = {"classes": "SparseCategoricalAccuracy", "number": "MeanAbsoluteError"}


def check_metrics(
    train: TrainSection, outputs: tuple[Output, ...], data: Given, findings: Findings
) -> None:
    """Adds what is wrong with each output's metrics."""
    for output in outputs:
        chosen = train.metrics
        metrics = chosen.get(output.name, ()) if isinstance(chosen, Mapping) else chosen
        target = data.of(output.name)
        for metric in metrics if target.kind not in (*UNTOLD, "array") else ():
            _check(metric, output, target, findings)


def _check(metric: Object, output: Output, target: Learned, findings: Findings) -> None:
    word = load_catalog().find(metric.name, "metric")
    form = FORMS.get(metric.name)
    chosen_by_keras = word is not None and word.chosen_by_keras
    if target.kind == MULTI_LABEL:
        # Of several units Keras chooses what compares the best one alone.
        if chosen_by_keras or form in ("numbers", "one-hot"):
            check_label_metric(metric, output, target, findings)
        return
    if chosen_by_keras:
        if target.kind == "number":
            findings.error(
                "metric-mismatch",
                f"`{metric.name}` counts right classes, but the target is a number",
                metric.span,
                hint="use `MeanAbsoluteError`",
            )
        return
    if form is None or _fits(form, output, target):
        return
    notes = [say_target(target), f"the output `{output.name}` has the shape {output.shape}"]
    if metric.name in ("Precision", "Recall", "F1Score", "FBetaScore"):
        notes.append("`modelforge evaluate` shows precision and recall of every class")
    findings.error(
        "metric-mismatch",
        f"the metric `{metric.name}` needs {NEEDS[form]}",
        metric.span,
        hint=f"use `{_instead(metric, output, target)}`",
        notes=notes,
    )


def _fits(form: str, output: Output, target: Learned) -> bool:
    single = output.units == 1
    if target.kind == "classes":
        return form == "numbers" or (form == "measure" and single)
    if target.kind == "binary":
        return not single if form == "numbers" else (single and form != "one-hot")
    return form == "measure"


def _instead(metric: Object, output: Output, target: Learned) -> str:
    if target.kind == "binary":
        return "BinaryAccuracy" if output.units == 1 else "SparseCategoricalAccuracy"
    if target.kind == "classes" and metric.name in _SPARSE:
        return _SPARSE[metric.name]
    return _OTHER[target.kind]
