"""An evaluation as a terminal shows it."""

from __future__ import annotations

from modelforge.evaluate.evaluation import Evaluation
from modelforge.evaluate.measures import Classification
from modelforge.evaluate.multi_label import MultiLabel
from modelforge.evaluate.render import as_table

MOST_MATRIX = 20  # classes; a wider matrix does not fit a terminal


def summary(result: Evaluation) -> str:
    """Metrics, scores by class, confusion matrix."""
    parts = [f"{result.model} on {result.split}, {result.size} samples\n"]
    scores = dict(result.metrics)
    for found in result.scores:
        of = f" of `{found.output}`" if found.output else ""
        if found.classification:
            scores[f"accuracy{of or ' of classes'}"] = found.classification.accuracy
            scores[f"macro F1{of}"] = found.classification.macro_f1
        if labels := found.multi_label:
            scores[f"subset accuracy{of}"] = labels.subset_accuracy
            scores[f"macro F1{of}"] = labels.macro.f1
            scores[f"micro F1{of}"] = labels.micro.f1
        if found.regression:
            numbers = found.regression
            scores |= {f"MAE{of}": numbers.mae, f"RMSE{of}": numbers.rmse, f"R2{of}": numbers.r2}
    width = max((len(name) for name in scores), default=0)
    parts.append("".join(f"  {name:<{width}}  {value:.4f}\n" for name, value in scores.items()))
    for found in result.scores:
        if found.classification:
            parts += [f"`{found.output}`:\n"] if result.others else []
            parts += _by_class(found.classification)
        if found.multi_label:
            parts += [f"`{found.output}`:\n"] if result.others else []
            parts.append(_by_label(found.multi_label))
    return "\n".join(parts)


def _by_class(found: Classification) -> list[str]:
    rows = [
        {
            "class": score.name,
            "precision": score.precision,
            "recall": score.recall,
            "F1": score.f1,
            "support": score.support,
        }
        for score in found.classes
    ]
    parts = [as_table(rows)]
    if len(rows) <= MOST_MATRIX:
        names = [score.name for score in found.classes]
        matrix = [
            {"true \\ predicted": name, **{f"{i}": n for i, n in enumerate(counts)}}
            for name, counts in zip(names, found.confusion, strict=True)
        ]
        parts.append(_with_heads(as_table(matrix), names))
    return parts


def _by_label(found: MultiLabel) -> str:
    rows = [
        {
            "label": name,
            "precision": score.precision,
            "recall": score.recall,
            "F1": score.f1,
            "average precision": score.average_precision,
            "AUC": score.auc,
            "support": score.support,
        }
        for name, score in (
            *((score.name, score) for score in found.labels),
            ("(macro average)", found.macro),
            ("(micro average)", found.micro),
        )
    ]
    return f"{as_table(rows)}a label counts above a probability of {found.threshold:g}\n"


def _with_heads(table: str, names: list[str]) -> str:
    """Columns are numbered where names would make the matrix too wide; the rows tell the names."""
    if all(name == str(i) for i, name in enumerate(names)):
        return table
    numbers = ", ".join(f"{i} = {name}" for i, name in enumerate(names))
    return f"{table}columns: {numbers}\n"
