"""The target of a CSV: a class by name, or a number."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from modelforge.data.place import Request, refuse_twice
from modelforge.data.samples import Target, class_target, number_target
from modelforge.data.sources.csv_doubts import almost_number
from modelforge.data.sources.csv_labels import asks_labels, read_labels
from modelforge.findings import did_you_mean, listed
from modelforge.sniff.table import ColumnKind, Table, column_kind, number, target_is_classes


def read_target(
    table: Table, missing: Collection[str], request: Request, like: Target | None
) -> Target | None:
    """The target column, or the columns of a multi-label one; None after a finding."""
    if asks_labels(request, like):
        return read_labels(table, missing, request, like)
    name = str(request.get("target"))
    values = table.columns[name]
    if not _is_whole(name, table, missing, request):
        return None
    kind = column_kind(values, missing)
    if like is None and _almost_number(name, table, missing, request):
        return None
    if _names_classes(values, kind, request, like):
        return _classes(name, table, kind, (request, like))
    return _numbers(name, table, request)


def _is_whole(name: str, table: Table, missing: Collection[str], request: Request) -> bool:
    absent = [row for row, value in enumerate(table.columns[name]) if value in missing]
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


def _almost_number(name: str, table: Table, missing: Collection[str], request: Request) -> bool:
    """Refuses a target of numbers with a few odd values, which would become classes by name."""
    if request.get("classes") is not None or request.get("target_kind", "auto").lower() != "auto":
        return False
    found = almost_number(table.columns[name], table.lines, missing)
    if found:
        request.error(
            "wrong-value",
            f"the target `{name}` is neither number nor class: {found[0]}",
            "target",
            notes=(*found[1:], "write `target_kind: classes` if its values are names"),
        )
    return bool(found)


def _names_classes(
    values: Sequence[str], kind: ColumnKind, request: Request, like: Target | None
) -> bool:
    if like is not None:
        return bool(like.class_names)
    asked = request.get("target_kind", "auto").lower()
    if asked == "auto":
        return request.get("classes") is not None or target_is_classes(values, kind)
    return asked == "classes"


def _numbers(name: str, table: Table, request: Request) -> Target | None:
    values = table.columns[name]
    numbers = [number(value) for value in values]
    wrong = [row for row, found in enumerate(numbers) if found is None]
    if wrong:
        request.error(
            "wrong-value",
            f"the target `{name}` is `{values[wrong[0]][:40]}` in line {table.lines[wrong[0]]}, "
            "which is not a number",
            "target",
            notes=("write `target_kind: classes` if its values are names",),
        )
        return None
    if len(set(numbers)) == 1 and request.role == "train":
        _constant(name, values[0], request)
        return None
    return number_target(np.array(numbers, dtype=np.float64))


def _classes(
    name: str, table: Table, kind: ColumnKind, asked: tuple[Request, Target | None]
) -> Target | None:
    request, like = asked
    refuse_twice(request)
    values = table.columns[name]
    class_names = _class_names(values, kind, request, like)
    labels = {label: number for number, label in enumerate(class_names)}
    unknown = [row for row, value in enumerate(values) if value not in labels]
    if unknown:
        value = values[unknown[0]]
        request.error(
            "unknown-class",
            f"the target `{name}` is `{value[:40]}` in line {table.lines[unknown[0]]}, "
            "which is not among the classes",
            "classes" if request.get("classes") is not None else "target",
            hint=did_you_mean(value, class_names),
            notes=(f"classes: {listed(class_names)}",),
        )
        return None
    if len(class_names) == 1:
        _constant(name, values[0], request)
        return None
    _warn_rare(name, values, class_names, request)
    array = np.array([labels[value] for value in values], dtype=np.int32)
    return Target(array, class_target(class_names), class_names)


def _class_names(
    values: Sequence[str], kind: ColumnKind, request: Request, like: Target | None
) -> tuple[str, ...]:
    if like is not None:
        return like.class_names
    written = request.get("classes")
    if written is not None:
        return tuple(map(str, written))
    if kind in ("integer", "number"):  # 2 before 10
        return tuple(sorted(set(values), key=lambda value: (float(value), value)))
    return tuple(sorted(set(values)))


def _constant(name: str, value: str, request: Request) -> None:
    request.error(
        "constant-target",
        f"the target `{name}` is `{value[:40]}` in every row, so there is nothing to learn",
        "target",
    )


def _warn_rare(
    name: str, values: Sequence[str], class_names: Sequence[str], request: Request
) -> None:
    if len(class_names) > 0.5 * len(values) and len(values) > 20:
        request.warning(
            "many-classes",
            f"the target `{name}` has {len(class_names)} classes in {len(values)} rows",
            "target",
            notes=("write `target_kind: number` if it is a number",),
        )
