"""What a `thaw` leaves frozen in one of its phases."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from modelforge.spec.thaw import Part, Thaw

if TYPE_CHECKING:
    from modelforge.graph.freezing.select import Selection

THAW = "thaw."  # before the keys of what is wrong with it
_Weights = Callable[[str], int | None]


def still_frozen(selection: Selection, part: Part, kept: set[str], weights: _Weights) -> set[str]:
    """The paths that are frozen until a later part is thawed; kept: those that stay frozen.

    What is wrong with any of the parts is added to the troubles of the selection.
    """
    thaw = part.thaw
    parts = None if isinstance(thaw.parts, int) else _named(selection, thaw.parts)
    first = _at_first(selection, thaw, parts)
    held = first - kept
    if parts is None:
        return _counted(selection, part, held, first, weights)
    left = held
    still = held
    for number, paths in enumerate(parts):
        if selection.certain and not selection.troubles:
            _check(selection, number, paths, (first, held, left), weights)
        left = left - paths
        if number < part.thawed:
            still = left
    return still


def _named(selection: Selection, parts: tuple[tuple[str, ...], ...]) -> list[set[str]]:
    return [_union(selection, "parts", selectors) for selectors in parts]


def _union(selection: Selection, key: str, selectors: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    for selector in selectors:
        paths = selection.named(selector)
        if not paths:
            selection.nothing(f"{THAW}{key}:{selector}")
        found |= paths
    return found


def _at_first(selection: Selection, thaw: Thaw, parts: list[set[str]] | None) -> set[str]:
    """What is frozen before the first part is thawed, but for what is frozen anyway."""
    if thaw.layers is not None:
        found = _union(selection, "layers", thaw.layers)
    else:
        found = selection.whole(selection.by_path) if parts is None else set[str]().union(*parts)
    for selector in thaw.excluded:
        out = selection.named(selector)
        if not out:
            selection.nothing(f"{THAW}except:{selector}")
        elif not out & found and selection.certain:
            selection.blame(f"{THAW}except:{selector}", "trained-anyway", out)
        found = found - out
    return found


def _counted(
    selection: Selection, part: Part, held: set[str], first: set[str], weights: _Weights
) -> set[str]:
    """Of parts with equal numbers of layers, or one more, those that are left."""
    number, left = part.thaw.number, part.thaw.number - part.thawed
    heavy = selection.heavy(held, weights)
    if not left:
        return set()
    if heavy is None:
        return held if left == number else set()
    if not heavy and selection.troubles:
        return set()
    if not heavy:
        selection.blame(f"{THAW}layers", "weightless" if held == first else "kept", first)
    elif number > len(heavy):
        selection.blame(f"{THAW}parts", "too-many", heavy)
    if left == number:
        return held
    return selection.whole(heavy[: (2 * len(heavy) * left + number) // (2 * number)])


def _check(
    selection: Selection,
    number: int,
    paths: set[str],
    sets: tuple[set[str], set[str], set[str]],
    weights: _Weights,
) -> None:
    """Adds that a part thaws nothing, and why: what was frozen at first, and is, and is still."""
    first, held, left = sets
    for found, why in ((first, "outside"), (held, "kept"), (left, "again")):
        if not paths & found:
            selection.blame(f"{THAW}parts.{number}", why, paths)
            return
    some = paths & left
    heavy = selection.heavy(some, weights)
    items = any(selection.by_path[path].kind == "item" for path in some)  # they are not counted
    if heavy is not None and not heavy and not items:
        selection.blame(f"{THAW}parts.{number}", "weightless", some)
