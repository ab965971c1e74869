"""A metric that cannot fit the output or the labels."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.catalog import load_catalog
from modelforge.findings import Findings
from modelforge.graph.agreement.target import FORMS, NEEDS, Output, say_target
from modelforge.graph.given import Given
from modelforge.spec import Object, TrainSection

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
        for metric in metrics:
            _check(metric, output, data, findings)


def _check(metric: Object, output: Output, data: Given, findings: Findings) -> None:
    word = load_catalog().find(metric.name, "metric")
    if word is not None and word.chosen_by_keras:
        if data.target == "number":
            findings.error(
                "metric-mismatch",
                f"`{metric.name}` counts right classes, but the target is a number",
                metric.span,
                hint="use `MeanAbsoluteError`",
            )
        return
    form = FORMS.get(metric.name)
    if form is None or data.target == "none" or _fits(form, output, data):
        return
    notes = [say_target(data), f"the output `{output.name}` has the shape {output.shape}"]
    if metric.name in ("Precision", "Recall"):
        notes.append("`modelforge evaluate` shows precision and recall of every class")
    findings.error(
        "metric-mismatch",
        f"the metric `{metric.name}` needs {NEEDS[form]}",
        metric.span,
        hint=f"use `{_instead(metric, output, data)}`",
        notes=notes,
    )


def _fits(form: str, output: Output, data: Given) -> bool:
    single = output.units == 1
    if data.target == "classes":
        return form == "numbers" or (form == "measure" and single)
    if data.target == "binary":
        return not single if form == "numbers" else (single and form != "one-hot")
    return form == "measure"


def _instead(metric: Object, output: Output, data: Given) -> str:
    if data.target == "binary":
        return "BinaryAccuracy" if output.units == 1 else "SparseCategoricalAccuracy"
    if data.target == "classes" and metric.name in _SPARSE:
        return _SPARSE[metric.name]
    return _OTHER[data.target]
