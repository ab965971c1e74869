"""A starter spec for a CSV: its columns, its target, and a network that suits them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, pstdev

from modelforge.findings import Finding, Refused, counted, did_you_mean, listed, refuse
from modelforge.sniff.labels import other_separator, split_labels
from modelforge.sniff.table import (
    MISSING,
    Table,
    column_kind,
    looks_like_id,
    number,
    one_to_one,
    read_table,
    target_is_classes,
)
from modelforge.starter.text import SCHEMA_LINE, batch_size, text, texts

_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class _Plan:
    """What was found out about the file."""

    written: str
    delimiter: str
    target: str
    rows: int
    ignored: dict[str, str]
    incomplete: bool
    classes: int
    mean: float = 0.0
    deviation: float = 1.0
    separator: str | None = None


def from_table(
    path: Path, written: str, name: str, target: str | None, separator: str | None = None
) -> str:
    """The spec; Refused where the file is no table, or has no such target.

    written: the file's path as the spec is to say it. target: the last column if it is None.
    separator: what stands between the labels of a row, where the target lists any number of them.
    """
    delimiter = _delimiter(path)
    problems: list[Finding] = []
    table = read_table(path, delimiter, lambda rule, why: problems.append(Finding(rule, why)))
    if table is None:
        raise Refused(problems)
    if target is None:
        target = list(table.columns)[-1]
    if target not in table.columns:
        raise refuse(
            "unknown-column",
            f"{path.name} has no column `{target}`",
            hint=did_you_mean(target, table.columns),
            notes=(f"columns of the file: {listed(table.columns)}",),
        )
    if separator is not None:
        return _text(_plan_of_labels(table, (written, delimiter), (target, separator)), name)
    return _text(_plan(table, (written, delimiter), target), name)


def _delimiter(path: Path) -> str:
    """The likeliest delimiter: the one that the header holds most often."""
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        header = file.readline(65_536)
    return max(_DELIMITERS, key=header.count)


def _plan(table: Table, source: tuple[str, str], target: str) -> _Plan:
    values = table.columns[target]
    present = [value for value in values if value not in MISSING]
    kind = column_kind(values)
    incomplete = len(present) < len(values)
    if len(set(present)) < 2:
        raise refuse(
            "constant-target",
            f"column `{target}` has {len(set(present))} values, so there is nothing to learn",
        )
    ignored = _ignored(table, target, classes=target_is_classes(present, kind))
    plan = _Plan(*source, target, len(present), ignored, incomplete, len(set(present)))
    if target_is_classes(present, kind):
        return plan
    numbers = [found for value in present if (found := number(value)) is not None]
    return _Plan(
        *source, target, len(present), ignored, incomplete, 0, fmean(numbers), pstdev(numbers)
    )


def _plan_of_labels(table: Table, source: tuple[str, str], asked: tuple[str, str]) -> _Plan:
    target, separator = asked
    cells = [cell for cell in table.columns[target] if cell == "" or cell not in MISSING]
    labels = {label for cell in cells for label in split_labels(cell, separator)}
    other = other_separator(cells, separator)
    if other:
        raise refuse(
            "separator",
            f"no row of `{target}` has more than one label, because none holds `{separator}`",
            hint=f"is `{other}` the separator?",
        )
    if len(labels) < 2:
        raise refuse(
            "constant-target",
            f"column `{target}` has {counted(len(labels), 'label')}, so there is nothing to learn",
        )
    ignored = _ignored(table, target, classes=False)
    incomplete = len(cells) < len(table)
    return _Plan(*source, target, len(cells), ignored, incomplete, len(labels), separator=separator)


def _ignored(table: Table, target: str, *, classes: bool) -> dict[str, str]:
    """Columns that should not be used, with the reason."""
    ignored = {}
    for name, values in table.columns.items():
        if name == target:
            continue
        kind = column_kind(values)
        if kind == "empty" or len(set(values)) == 1:
            ignored[name] = "always the same"
        elif classes and one_to_one(values, table.columns[target]):
            ignored[name] = "repeats the target"
        elif looks_like_id(values, kind):
            ignored[name] = "names the rows"
    return ignored


def _source(plan: _Plan) -> str:
    lines = [f"path: {text(plan.written)}", f"target: {text(plan.target)}"]
    if plan.separator is not None:
        lines += ["target_kind: multi_label   # any number of labels for a row"]
        lines += [f"separator: {json.dumps(plan.separator)}"]
    if plan.delimiter != ",":
        lines.append(
            'delimiter: "\\t"' if plan.delimiter == "\t" else f'delimiter: "{plan.delimiter}"'
        )
    if plan.ignored:
        reasons = ", ".join(f"{name} {reason}" for name, reason in plan.ignored.items())
        lines.append(f"ignore: {texts(plan.ignored)}     # {reasons}")
    if plan.incomplete:
        lines.append("missing: drop            # some rows lack the target")
    return "\n".join(f"      {line}" for line in lines)


def _head(plan: _Plan) -> tuple[str, str, str]:
    """The last layers, the loss, and the metrics."""
    if plan.separator is not None:
        layer = '    - Dense: {units: "${data.classes}", activation: sigmoid}'
        return layer, "BinaryCrossentropy", "[BinaryAccuracy, F1Score: {threshold: 0.5}]"
    if plan.classes:
        layer = '    - Dense: {units: "${data.classes}", activation: softmax}'
        return layer, "SparseCategoricalCrossentropy", "[SparseCategoricalAccuracy]"
    layers = [
        "    - Dense: 1",
        '    - Rescaling: {scale: "${deviation}", offset: "${mean}"}    # to the target\'s range',
    ]
    return "\n".join(layers), "MeanSquaredError", "[MeanAbsoluteError, RootMeanSquaredError]"


def _text(plan: _Plan, name: str) -> str:
    head, loss, metrics = _head(plan)
    variables = (
        ""
        if plan.classes
        else f"""vars:
  mean: {plan.mean:.6g}                  # of the target
  deviation: {plan.deviation:.6g}

"""
    )
    what = f"{plan.classes} classes" if plan.classes else "a number"
    if plan.separator is not None:
        what = f"any of {plan.classes} labels"
    return f"""{SCHEMA_LINE}
# {plan.rows:,} rows; `{plan.target}` is {what}. Train with: modelforge train {name}.yaml
modelforge: 1
name: {text(name)}

{variables}data:
  train:
    CSV:
{_source(plan)}
  validation: 0.2                # a share of train
  batch_size: {batch_size(int(plan.rows * 0.8))}

model:
  layers:
    - Dense: {{units: 64, activation: relu}}
    - Dropout: 0.1
    - Dense: {{units: 32, activation: relu}}
{head}

train:
  loss: {loss}
  optimizer: {{Adam: {{learning_rate: 2e-3}}}}
  metrics: {metrics}
  epochs: 50
  callbacks:
    - EarlyStopping: {{monitor: val_loss, patience: 8, restore_best_weights: true}}

export:
  - SavedModel
"""
