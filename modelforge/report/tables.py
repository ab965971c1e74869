"""The tables of a page: facts in pairs, scores by class, the confusion matrix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from modelforge.report.numbers import share, short

MOST_CLASSES = 40  # a larger matrix cannot be read; its worst confusions are listed instead
MOST_SCORES = 100
MOST_CONFUSIONS = 15


def pairs(rows: Iterable[tuple[str, Any]]) -> str:
    """Names and values, one pair a line; empty values are left out."""
    lines = [
        f"<tr><th>{escape(name)}</th><td>{_cell(value)}</td></tr>"
        for name, value in rows
        if value not in (None, "", [], {})
    ]
    return f'<table class="pairs">{"".join(lines)}</table>' if lines else ""


def class_scores(classes: Sequence[Mapping[str, Any]]) -> str:
    """Precision, recall, F1 and support of every class; the weakest first where there are many."""
    shown, note = _weakest(classes, "classes")
    lines = [
        f"<tr><th>{escape(str(row['name']))}</th><td>{_bar(row['precision'])}</td>"
        f"<td>{_bar(row['recall'])}</td><td>{_bar(row['f1'])}</td><td>{int(row['support'])}</td></tr>"
        for row in shown
    ]
    head = "<tr><th>class</th><td>precision</td><td>recall</td><td>F1</td><td>support</td></tr>"
    return f'<table class="scores"><thead>{head}</thead>{"".join(lines)}</table>{note}'


def label_scores(found: Mapping[str, Any]) -> str:
    """Scores of every label, the weakest first where there are many, and of all of them."""
    shown, note = _weakest(found["labels"], "labels")
    averages = (
        ("macro average", found["macro"]),
        ("micro average", found["micro"]),
    )
    lines = [_label_row(str(row["name"]), row) for row in shown]
    totals = [_label_row(name, row, "average") for name, row in averages]
    head = "".join(
        f"<td>{name}</td>"
        for name in ("precision", "recall", "F1", "average precision", "AUC", "support")
    )
    return (
        f'<div class="wide"><table class="scores"><thead><tr><th>label</th>{head}</tr></thead>'
        f"{''.join([*lines, *totals])}</table></div>{note}"
    )


def _label_row(name: str, row: Mapping[str, Any], style: str = "") -> str:
    columns = ("precision", "recall", "f1", "average_precision", "auc")
    cells = "".join(f"<td>{_bar(row[key])}</td>" for key in columns)
    kind = f' class="{style}"' if style else ""
    return f"<tr{kind}><th>{escape(name)}</th>{cells}<td>{int(row['support'])}</td></tr>"


def _weakest(
    rows: Sequence[Mapping[str, Any]], what: str
) -> tuple[Sequence[Mapping[str, Any]], str]:
    """All rows, or where they are too many the weakest and a note that says so."""
    if len(rows) <= MOST_SCORES:
        return rows, ""
    shown = sorted(rows, key=lambda row: row["f1"])[:MOST_SCORES]
    return shown, f"<p class='note'>The {MOST_SCORES} weakest of {len(rows)} {what} by F1.</p>"


def confusion(names: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """Rows are the true classes, columns the predicted ones; shade is the share of the row."""
    if len(names) > MOST_CLASSES:
        return _worst(names, counts)
    labels = "".join(f"<td><span>{escape(str(name))}</span></td>" for name in names)
    head = f"<tr><th>true &darr; predicted &rarr;</th>{labels}</tr>"
    lines = [
        f"<tr><th>{escape(str(name))}</th>{''.join(_counts(names, i, row))}</tr>"
        for i, (name, row) in enumerate(zip(names, counts, strict=True))
    ]
    # Long names beside each other would push the matrix out of the page.
    style = "confusion upright" if max(len(str(name)) for name in names) > 3 else "confusion"
    return (
        f'<div class="wide"><table class="{style}"><thead>{head}</thead>{"".join(lines)}</table>'
        "</div>"
    )


def _counts(names: Sequence[str], number: int, row: Sequence[int]) -> Iterable[str]:
    total = sum(row) or 1
    for other, count in enumerate(row):
        right = "right" if other == number else "wrong"
        strength = round(100 * count / total)
        hint = f"{names[number]} taken for {names[other]}: {count} of {total}"
        style = f' style="--s:{strength}%"' if strength else ""
        text = str(count) if count else ""
        title = f' title="{escape(hint)}"' if count else ""
        yield f'<td class="{right}"{style}{title}>{text}</td>'


def _worst(names: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    wrong = sorted(
        (
            (count, names[i], names[j])
            for i, row in enumerate(counts)
            for j, count in enumerate(row)
            if i != j and count
        ),
        key=lambda item: -item[0],
    )[:MOST_CONFUSIONS]
    lines = "".join(
        f"<tr><th>{escape(str(true))}</th><td>{escape(str(taken))}</td><td>{count}</td></tr>"
        for count, true, taken in wrong
    )
    head = "<tr><th>true</th><td>predicted</td><td>samples</td></tr>"
    return f'<table class="scores"><thead>{head}</thead>{lines}</table>'


def phase_table(phases: Sequence[Mapping[str, Any]], monitor: str) -> str:
    """The phases of a run, as `state.json` tells of them."""
    lines = "".join(
        f"<tr><th>{escape(str(it['name']))}</th><td>{_epochs(it)}</td>"
        f"<td>{it['best_epoch'] or '-'}</td><td>{_cell(it['best'].get(monitor, '-'))}</td></tr>"
        for it in phases
    )
    head = (
        f"<tr><th>phase</th><td>epochs</td><td>best epoch</td><td>its {escape(monitor)}</td></tr>"
    )
    return f'<table class="scores"><thead>{head}</thead>{lines}</table>'


def _epochs(phase: Mapping[str, Any]) -> str:
    first, last = phase["before"] + 1, phase["before"] + phase["epochs"]
    return f"{first} to {last}" if last > first else str(first) if last == first else "-"


def _bar(value: float | None) -> str:
    if value is None or value != value:
        return "-"
    return f'<span class="bar" style="--v:{round(100 * value)}%">{share(value)}</span>'


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return short(value)
    if isinstance(value, Mapping):
        between = "<br>" if any(isinstance(v, Mapping) for v in value.values()) else ", "
        there = {key: item for key, item in value.items() if item not in (None, "", [], {})}
        return between.join(f"{escape(str(k))}: {_cell(v)}" for k, v in there.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_cell(item) for item in value)
    return escape(str(value))
