"""A callback that watches a value which will not exist."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from modelforge.findings import Findings, did_you_mean, listed
from modelforge.spec import Object

VALIDATION = "val_"


def check_monitors(
    callbacks: Iterable[tuple[Object, Any]], names: Sequence[str], findings: Findings
) -> None:
    """callbacks: what the spec says, and the Keras object; names: the values that will exist."""
    for item, callback in callbacks:
        monitor = getattr(callback, "monitor", None)
        # ModelCheckpoint looks at its monitor only when it keeps the best.
        idle = (
            "monitor" not in item.arguments and getattr(callback, "save_best_only", True) is False
        )
        if monitor is None or monitor in names or idle:
            continue
        _report(item, str(monitor), names, findings)


def _report(item: Object, monitor: str, names: Sequence[str], findings: Findings) -> None:
    validated = any(name.startswith(VALIDATION) for name in names)
    notes = [f"values: {listed(names)}"]
    if monitor.startswith(VALIDATION) and not validated:
        notes.append("there is no validation data: add `validation: 0.2` to `data`")
    written = "monitor" in item.arguments
    findings.error(
        "unknown-monitor",
        f"`{item.name}` watches `{monitor}`, which will not exist"
        + ("" if written else f" (its default is `{monitor}`)"),
        item.span_of("monitor"),
        hint=did_you_mean(monitor, names),
        notes=notes,
    )
