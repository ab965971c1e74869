"""The multi-label target of a CSV: labels listed in one column, or a column of 0 and 1 for each."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from modelforge.catalog.own.targets import SEPARATOR
from modelforge.data.place import Request, refuse_twice
from modelforge.data.samples import Target
from modelforge.findings import did_you_mean, listed
from modelforge.sniff.labels import is_printed_list, other_separator, split_labels
from modelforge.sniff.table import Table, boolean, number
from modelforge.spec.targets import MULTI_LABEL

Rows = list[tuple[str, ...]]  # the labels of each row


def asks_labels(request: Request, like: Target | None) -> bool:
    """Whether the target is a multi-label one; validation and test have what training has."""
    asked = str(request.get("target_kind", "auto")).lower() == MULTI_LABEL
    return asked or (like is not None and like.kind == MULTI_LABEL)


def read_labels(
    table: Table, missing: Collection[str], request: Request, like: Target | None
) -> Target | None:
    """The target, float32 [rows, labels] of 0 and 1; None after a finding."""
    if like is not None and like.kind != MULTI_LABEL:
        request.error(
            "targets-differ",
            f"`{request.role}` has any number of labels for a sample, but `train` has not",
            "target",
            notes=("write `target_kind` as in `train`",),
        )
        return None
    refuse_twice(request)
    columns = request.get("target")
    together = isinstance(columns, tuple)
    rows = _ticked(table, missing, request) if together else _listed(table, missing, request)
    if rows is None:
        return None
    names = _names(rows, request, like)
    if not (_columns_known(columns, names, request) if together else True):
        return None
    if not _labels_known(rows, names, table, request):
        return None
    if len(names) < 2:
        request.error(
            "single-class",
            f"the target `{_said(request)}` has {len(names)} labels, expected at least two",
            "target",
            notes=("a single label, there or not, is a target of two classes",),
        )
        return None
    return _target(rows, names, request, alone=like is None)


def _target(rows: Rows, names: tuple[str, ...], request: Request, *, alone: bool) -> Target | None:
    places = {name: place for place, name in enumerate(names)}
    values = np.zeros((len(rows), len(names)), dtype=np.float32)
    for row, labels in enumerate(rows):
        values[row, [places[label] for label in labels]] = 1
    if alone and not _vary(values, names, request):
        return None
    return Target(values, MULTI_LABEL, names)


def _listed(table: Table, missing: Collection[str], request: Request) -> Rows | None:
    """The labels of each row, listed in one column; an empty cell has none."""
    name, separator = str(request.get("target")), str(request.get("separator", SEPARATOR))
    cells = table.columns[name]
    if not separator:
        request.error("separator", "the separator is empty, expected such as `;`", "separator")
        return None
    if not _known(name, missing_labels(missing), table, request):
        return None
    if is_printed_list(cells):
        row = next(row for row, cell in enumerate(cells) if cell)
        request.error(
            "wrong-value",
            f"the target `{name}` is `{cells[row][:40]}` in line {table.lines[row]}, a list as "
            f"programs print it, expected labels such as `beach{separator}sunset`",
            "target",
            notes=(f'in pandas: `frame["{name}"].map("{separator}".join)` before it is saved',),
        )
        return None
    other = other_separator(cells, separator)
    if other:
        request.warning(
            "separator",
            f"no row of `{name}` has more than one label, because none holds `{separator}`",
            "target",
            notes=(f'is `{other}` the separator? write `separator: "{other}"`',),
        )
    return [split_labels(cell, separator) for cell in cells]


def missing_labels(missing: Collection[str]) -> frozenset[str]:
    """What stands where the labels of a row are not known; an empty cell says that it has none."""
    return frozenset(missing) - {""}


def _ticked(table: Table, missing: Collection[str], request: Request) -> Rows | None:
    """The labels of each row, each a column of 0 and 1."""
    columns = [str(name) for name in request.get("target")]
    ticks = {}
    for name in columns:
        if not _known(name, missing, table, request):
            return None
        ticks[name] = [_tick(cell) for cell in table.columns[name]]
        wrong = [row for row, tick in enumerate(ticks[name]) if tick is None]
        if wrong:
            request.error(
                "wrong-value",
                f"the label column `{name}` is `{table.columns[name][wrong[0]][:40]}` in line "
                f"{table.lines[wrong[0]]}, expected 0 or 1",
                "target",
                notes=("1 (or true, yes) says that the sample has the label",),
            )
            return None
    return [tuple(name for name in columns if ticks[name][row]) for row in range(len(table))]


def _tick(cell: str) -> bool | None:
    found = number(cell)  # pandas writes 1.0 where a column once had gaps
    return {0.0: False, 1.0: True}.get(found) if found is not None else boolean(cell)


def _known(name: str, missing: Collection[str], table: Table, request: Request) -> bool:
    absent = [row for row, cell in enumerate(table.columns[name]) if cell in missing]
    if absent:
        lines = [str(table.lines[row]) for row in absent]
        request.error(
            "missing-target",
            f"the target `{name}` is missing in {len(absent)} of {len(table)} rows "
            f"(line {listed(lines, 5)})",
            "target",
            notes=("write `missing: drop` to leave such rows out",),
        )
    return not absent


def _names(rows: Rows, request: Request, like: Target | None) -> tuple[str, ...]:
    """The labels in the order of the units that learn them."""
    if like is not None:
        return like.class_names
    written = request.get("classes")
    if written is not None:
        return tuple(map(str, written))
    columns = request.get("target")
    if isinstance(columns, tuple):
        return tuple(map(str, columns))
    found = {label for labels in rows for label in labels}
    numbers = {label: number(label) for label in found}
    if None not in numbers.values():  # 2 before 10
        return tuple(sorted(found, key=lambda label: (numbers[label] or 0.0, label)))
    return tuple(sorted(found))


def _columns_known(columns: Sequence[object], names: Sequence[str], request: Request) -> bool:
    """Whether there is a column for each label, and no other."""
    there = list(map(str, columns))
    argument = "classes" if request.get("classes") is not None else "target"
    extra = [name for name in there if name not in names]
    lacking = [name for name in names if name not in there]
    for name in extra:
        request.error(
            "unknown-class",
            f"the label column `{name}` is not among the labels",
            argument,
            hint=did_you_mean(name, lacking),
            notes=(f"labels: {listed(names)}",),
        )
    if lacking and not extra:
        request.error(
            "unknown-class",
            f"there is no column for the label {listed(lacking)}",
            argument,
            notes=(f"columns that are named: {listed(there)}",),
        )
    return not (extra or lacking)


def _labels_known(rows: Rows, names: Sequence[str], table: Table, request: Request) -> bool:
    known = set(names)
    for row, labels in enumerate(rows):
        unknown = [label for label in labels if label not in known]
        if not unknown:
            continue
        request.error(
            "unknown-class",
            f"the target `{_said(request)}` has `{unknown[0][:40]}` in line {table.lines[row]}, "
            "which is not among the labels",
            "classes" if request.get("classes") is not None else "target",
            hint=did_you_mean(unknown[0], names),
            notes=(f"labels: {listed(names)}",),
        )
        return False
    return True


def _vary(values: np.ndarray, names: Sequence[str], request: Request) -> bool:
    """Whether there is anything to learn; warns of labels of which there is nothing."""
    counts = values.sum(axis=0)
    never = [name for name, count in zip(names, counts, strict=True) if count == 0]
    always = [name for name, count in zip(names, counts, strict=True) if count == len(values)]
    if len(never) + len(always) == len(names):
        request.error(
            "constant-target",
            f"the target `{_said(request)}` is the same in every row, so there is nothing to learn",
            "target",
        )
        return False
    for labels, which in ((never, "no"), (always, "every")):
        if labels:
            request.warning(
                "constant-label",
                f"{which} row of `{_said(request)}` has the label {listed(labels)}",
                "target",
                notes=("the model can learn nothing of a label that is always the same",),
            )
    return True


def _said(request: Request) -> str:
    """The target's column, or its columns, as a message names them."""
    target = request.get("target")
    return listed(list(map(str, target)), 3) if isinstance(target, tuple) else str(target)
