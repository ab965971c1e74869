"""Questions that are rows of CSV files, brought to the model as the training rows were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from modelforge.data.features.feature import Learned
from modelforge.data.features.model import apply, preprocessing_model
from modelforge.data.features.raw import raw_column
from modelforge.evaluate.asked import Asked, Questions, batched
from modelforge.findings import did_you_mean, listed
from modelforge.sniff.table import Table, read_table


def ask_tables(questions: Questions) -> Iterator[Asked]:
    """The rows of CSV files; their columns are found by name, in any order."""
    learned = learned_features(questions.reading)
    model = preprocessing_model(learned)
    for path in questions.existing():
        lines, raw = raw_rows(path, learned, questions)
        if lines:
            names = [f"{path}:{line}" for line in lines]
            yield from batched(names, apply(model, learned, raw))


def learned_features(reading: Mapping[str, Any]) -> list[Learned]:
    """What the run learned from its training rows, column by column."""
    return [Learned.from_plain(plain) for plain in reading["features"]]


def raw_rows(
    path: Path, learned: Sequence[Learned], questions: Questions
) -> tuple[list[int], dict[str, np.ndarray]]:
    """The line of each row, and the columns before preprocessing; rows with errors are left out."""
    table = _table(path, learned, questions)
    if table is None:
        return [], {}
    missing = frozenset(questions.reading["missing_values"])
    wrong: set[int] = set()
    raw = {}
    for item in learned:
        misfits: list[tuple[int, str, str]] = []

        def note(row: int, value: str, expected: str, into: Any = misfits) -> None:
            into.append((row, value, expected))

        raw[item.column] = raw_column(item.feature, table.columns[item.column], missing, note)
        for row, value, expected in misfits:
            wrong.add(row)
            questions.unreadable(
                f"{path}:{table.lines[row]}",
                f"has `{value[:40]}` in column `{item.column}`, which takes {expected}",
            )
    kept = [row for row in range(len(table)) if row not in wrong]
    return [table.lines[row] for row in kept], {name: raw[name][kept] for name in raw}


def _table(path: Path, learned: Sequence[Learned], questions: Questions) -> Table | None:
    findings = questions.findings
    try:
        table = read_table(path, questions.reading["delimiter"], findings.error)
    except OSError as error:
        questions.unreadable(path, f"cannot be opened: {error.strerror or error}")
        return None
    if table is None:
        return None
    wanted = [item.column for item in learned]
    absent = [name for name in wanted if name not in table.columns]
    for name in absent:
        findings.error(
            "missing-column",
            f"`{path}` has no column `{name}`, which the model needs",
            hint=did_you_mean(name, table.columns),
            notes=[f"columns of the file: {listed(table.columns)}"],
        )
    # A run of an earlier version names its only target.
    targets = questions.reading.get("targets") or [questions.reading.get("target")]
    extra = [name for name in table.columns if name not in {*wanted, *targets}]
    if extra and not absent:
        findings.warning(
            "ignored-columns",
            f"`{path}` has columns that the model does not use",
            notes=[f"ignored: {listed(extra)}"],
        )
    return None if absent else table
