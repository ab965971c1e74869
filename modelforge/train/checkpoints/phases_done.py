"""Phases that are done when a run goes on: nothing that they were made with can be changed."""

from __future__ import annotations

import re

from modelforge.findings import listed
from modelforge.spec import Spec

_PATH = re.compile(r"train\.phases\.(\d+)\.(.+)")


def of_phase(path: str) -> tuple[int | None, str]:
    """The number of the item of `train.phases` that a path leads into, and the path in `train`."""
    found = _PATH.fullmatch(path)
    return (int(found[1]), f"train.{found[2]}") if found else (None, path)


def numbered(path: str, spec: Spec) -> str:
    """The path with the number of a phase in the place of its name, as differences have it."""
    head, _, rest = path.partition("train.phases.")
    name, dot, rest = rest.partition(".")
    names = [phase.name for phase in spec.train.written_phases] if spec.train is not None else []
    if head or name.isdecimal() or name not in names:
        return path
    return f"train.phases.{names.index(name)}{dot}{rest}"


def why_done(path: str, spec: Spec, phase: int) -> str:
    """Which phases that are done have what stands at a path, as a sentence; empty where none does.

    phase: the number of the one that the run is in.
    """
    number, plain = of_phase(path)
    section, *keys = plain.split(".")
    # A `thaw` makes several phases of an item: it is done with the last of them.
    items = spec.train.written_phases if spec.train is not None else ()
    before = items[: spec.train.item_of(phase)] if spec.train is not None else ()
    if section != "train" or not keys:
        return ""
    if number is not None:
        return f"the phase `{before[number].name}` is done" if number < len(before) else ""
    having = [f"`{each.name}`" for each in before if keys[0] not in each.own]
    # What belongs to the whole run is no phase's.
    if not having or keys[0] not in ("epochs", "callbacks", "on_divergence"):
        return ""
    verb = "are" if len(having) > 1 else "is"
    return (
        f"{listed(having)} {verb} done and had it from `train`: "
        f"say it in the phase `{items[len(before)].name}`"
    )
