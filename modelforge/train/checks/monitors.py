"""A callback that watches a value which will not exist, or of which Keras knows no direction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import keras

from modelforge.findings import Findings, did_you_mean, listed
from modelforge.spec import Object
from modelforge.train import private

VALIDATION = "val_"


def check_monitors(
    callbacks: Iterable[tuple[Object, Any]],
    names: Sequence[str],
    model: keras.Model,
    findings: Findings,
) -> None:
    """Adds monitors that will not exist, or that Keras does not know to be good high or low.

    callbacks: what the spec says, and Keras objects that will not be used; names: the values that
    will exist; model: compiled and built.
    """
    for item, callback in callbacks:
        monitor = getattr(callback, "monitor", None)
        # ModelCheckpoint looks at its monitor only when it keeps the best.
        idle = (
            "monitor" not in item.arguments and getattr(callback, "save_best_only", True) is False
        )
        if monitor is None or idle:
            continue
        if monitor not in names:
            _report(item, str(monitor), names, findings)
        elif not private.knows_direction(callback, model):
            findings.error(
                "monitor-direction",
                f"Keras cannot tell for `{item.name}` whether `{monitor}` should rise or fall",
                item.span_of("monitor"),
                hint="add `mode: min` or `mode: max`",
                notes=["Keras would stop with an error at the end of the first epoch"],
            )


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
