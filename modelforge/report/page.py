"""The page of a run as HTML: results, curves, scores by class, spec, surroundings, data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from modelforge.findings.size import size_text
from modelforge.report.chart import Line, chart
from modelforge.report.facts import RunFacts
from modelforge.report.numbers import seconds, short
from modelforge.report.style import CSS
from modelforge.report.tables import (
    MOST_CLASSES,
    class_scores,
    confusion,
    label_scores,
    pairs,
    phase_table,
)
from modelforge.runs.history import NOT_VALUES

MOST_SPEC = 60_000  # characters; a generated spec may be megabytes, and a page must stay small
BESIDE = 10  # classes whose matrix fits beside the scores
VALIDATION = "val_"
NOT_RESULTS = frozenset({"learning_rate"})


def render_page(facts: RunFacts) -> str:
    """The whole page, self-contained: no script, nothing fetched."""
    body = "\n".join(
        part
        for part in (
            _head(facts),
            _cards(facts),
            _curves(facts),
            *(_evaluation(found) for found in facts.evaluations),
            _exports(facts.exports),
            _spec(facts.spec),
            _surroundings(facts),
        )
        if part
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(facts.name)} - {escape(facts.run)}</title>\n<style>{CSS}</style>\n"
        f"</head>\n<body>\n<main>\n{body}\n<footer>Made by ModelForge.</footer>\n</main>\n"
        "</body>\n</html>\n"
    )


def _head(facts: RunFacts) -> str:
    standing = facts.state.state if facts.state else "unknown"
    why = facts.state.reason if facts.state else ""
    badge = f'<span class="state {escape(standing)}">{escape(standing)}</span>'
    return (
        f"<header><h1>{escape(facts.name)}</h1>"
        f'<p class="lead">{escape(facts.run)} &ensp;{badge}</p>'
        + (f'<p class="lead">{escape(why)}</p>' if why else "")
        + "</header>"
    )


def _cards(facts: RunFacts) -> str:
    row = _best_row(facts)
    results = {key: value for key, value in row.items() if key not in NOT_VALUES | NOT_RESULTS}
    validation = {k: v for k, v in results.items() if k.startswith(VALIDATION)} or results
    cards = [(_words(key), short(value)) for key, value in validation.items() if value is not None]
    if facts.best_epoch is not None:
        cards.append((f"best epoch, of {len(facts.history)}", str(facts.best_epoch)))
    if facts.state and facts.state.seconds:
        cards.append(("training time", seconds(facts.state.seconds)))
    drawn = (
        f'<div class="card"><b>{escape(value)}</b><span>{escape(name)}</span></div>'
        for name, value in cards
    )
    return f'<section class="cards">{"".join(drawn)}</section>' if cards else ""


def _best_row(facts: RunFacts) -> Mapping[str, float | None]:
    for row in facts.history:
        if facts.best_epoch is not None and row.get("epoch") == facts.best_epoch:
            return row
    return facts.history[-1] if facts.history else {}


def _curves(facts: RunFacts) -> str:
    columns = dict.fromkeys(key for row in facts.history for key in row)
    names = dict.fromkeys(key.removeprefix(VALIDATION) for key in columns if key not in NOT_VALUES)
    phases = facts.state.phases if facts.state else ()
    marks = [(str(it["name"]), int(it["before"])) for it in phases]
    charts = [
        chart(_words(name), _lines(facts, name), facts.best_epoch, marks)
        for name in names
        if name not in NOT_RESULTS or _moves(facts, name)
    ]
    drawn = "".join(charts)
    if not drawn:
        return ""
    note = (
        '<p class="note">The dashed line marks the epoch that best.keras was saved from.</p>'
        if facts.best_epoch is not None
        else ""
    )
    table = phase_table(phases, facts.state.monitor) if phases and facts.state else ""
    return f'<h2>Learning curves</h2>{note}{table}<section class="charts">{drawn}</section>'


def _moves(facts: RunFacts, name: str) -> bool:
    """Whether a value changes at all: a constant learning rate is no curve."""
    return len({row.get(name) for row in facts.history}) > 1


def _lines(facts: RunFacts, name: str) -> list[Line]:
    lines = []
    for style, key in (("train", name), ("validation", VALIDATION + name)):
        if any(key in row for row in facts.history):
            points = [
                (int(row.get("epoch") or number), row.get(key))
                for number, row in enumerate(facts.history, 1)
            ]
            label = "training" if style == "train" else "validation"
            lines.append(Line(style, label, points))
    # The learning rate is no measure of the data: it has no legend.
    if len(lines) == 1 and name in NOT_RESULTS:
        return [Line("train", "", lines[0].points)]
    return lines


def _evaluation(found: Mapping[str, Any]) -> str:
    split = str(found.get("split", ""))
    scores = {**found.get("metrics", {})}
    outputs = [found, *found.get("others", ())]
    parts = [f"<h2>Evaluation on {escape(split)} ({found.get('size', '?')} samples)</h2>"]
    for output in outputs:
        scores |= _scores(output)
    table = pairs((_words(key), value) for key, value in scores.items())
    for output in outputs:
        if output.get("classification"):
            of = str(output.get("output", "")) if len(outputs) > 1 else ""
            parts.append(_by_class(table, output["classification"], of))
            table = ""
        if output.get("multi_label"):
            of = str(output.get("output", "")) if len(outputs) > 1 else ""
            parts += [table, _by_label(output["multi_label"], of)]
            table = ""
    return "".join([*parts, table])


def _scores(output: Mapping[str, Any]) -> dict[str, float]:
    name = str(output.get("output") or "")
    scores: dict[str, float] = {}
    if classes := output.get("classification"):
        of = f" (of {name})" if name else ""
        scores = {f"accuracy (of {name or 'classes'})": classes["accuracy"]}
        scores[f"macro F1{of}"] = classes["macro_f1"]
    if labels := output.get("multi_label"):
        of = f" (of {name})" if name else ""
        scores[f"subset accuracy{of}"] = labels["subset_accuracy"]
        scores[f"Hamming loss{of}"] = labels["hamming_loss"]
    if numbers := output.get("regression"):
        of = f" (of {name})" if name else ""
        scores |= {f"{key.upper()}{of}": value for key, value in numbers.items()}
    return scores


def _by_class(table: str, classes: Mapping[str, Any], output: str) -> str:
    names = [row["name"] for row in classes["classes"]]
    of = f" of {escape(output)}" if output else ""
    left = f"<div>{table}<h3>By class{of}</h3>{class_scores(classes['classes'])}</div>"
    title = "Confusion matrix" if len(names) <= MOST_CLASSES else "Most frequent confusions"
    right = f"<div><h3>{title}</h3>{confusion(names, classes['confusion'])}</div>"
    columns = "columns" if len(names) <= BESIDE else "rows"
    return f'<div class="{columns}">{left}{right}</div>'


def _by_label(found: Mapping[str, Any], output: str) -> str:
    of = f" of {escape(output)}" if output else ""
    note = f"A label counts above a probability of {short(found['threshold'])}."
    return (
        f"<h3>By label{of}</h3>{label_scores(found)}"
        f"<p class='note'>{note} Average precision and AUC are over all thresholds.</p>"
    )


def _exports(exports: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            str(found.get("format")),
            f"{found.get('path')}, {size_text(found.get('size', 0))}; largest difference from the "
            f"Keras model {short(found.get('max_difference', 0.0))}",
        )
        for found in exports
    ]
    return f"<h2>Exports</h2>{pairs(rows)}" if rows else ""


def _spec(text: str) -> str:
    if not text:
        return ""
    cut = text[:MOST_SPEC]
    rest = f"\n... ({len(text) - MOST_SPEC:,} more characters)" if len(text) > MOST_SPEC else ""
    lines = text.count("\n")
    return (
        f"<h2>Spec</h2><details{' open' if lines <= 60 else ''}><summary>resolved.yaml, "
        f"{lines} lines</summary><pre>{escape(cut + rest)}</pre></details>"
    )


def _surroundings(facts: RunFacts) -> str:
    halves = [
        f"<div><h2>{title}</h2>{table}</div>"
        for title, table in (
            ("Data", pairs(_facts_of_data(facts.data))),
            ("Environment", pairs(_facts_of_environment(facts.environment))),
        )
        if table
    ]
    return f'<div class="columns">{"".join(halves)}</div>' if halves else ""


def _facts_of_environment(environment: Mapping[str, Any]) -> list[tuple[str, Any]]:
    rows = {**environment}
    rows.pop("schema_version", None)
    if isinstance(rows.get("command"), list):
        rows["command"] = " ".join(map(str, rows["command"]))
    return [(_words(key), value) for key, value in rows.items()]


def _facts_of_data(data: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The manifest without what only a program needs: how new files are read, file by file."""
    rows = []
    for key, value in data.items():
        if key in {"reading", "schema_version"}:
            continue
        rows.append((_words(key), _brief(value)))
    return rows


def _brief(value: Any, depth: int = 0) -> Any:
    if isinstance(value, Mapping):
        shown = {k: _brief(v, depth + 1) for k, v in value.items() if k != "reading"}
        return dict(list(shown.items())[:20]) if depth < 3 else "..."
    if isinstance(value, (list, tuple)) and len(value) > 20:
        return [*value[:20], f"... ({len(value) - 20} more)"]
    if isinstance(value, str) and len(value) > 200:
        return value[:200] + "..."
    return value


def _words(key: str) -> str:
    if key.startswith(VALIDATION):
        return "validation " + key.removeprefix(VALIDATION).replace("_", " ")
    return key.replace("_", " ")
