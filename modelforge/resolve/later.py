"""Values for layers by their path names: those that blocks and loops make are there only later."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from modelforge.document import Entry, Mapping, Node, Scalar
from modelforge.findings import Findings
from modelforge.resolve.paths import FirstArgument, NoPlace, Place, follow, report, steps_of
from modelforge.resolve.resolver import Resolver

_KEPT = ("name", "from", "call")  # what others know a layer by, and how it is called


class Wanted(NamedTuple):
    """A value and the path to its place.

    missed: why the path led nowhere before the layers were made.
    """

    path: str
    value: Node
    place: Place
    missed: NoPlace | None = None


def put(
    root: Mapping,
    wanted: Wanted,
    findings: Findings,
    first_argument: FirstArgument,
    later: list[Wanted] | None,
) -> Mapping:
    """The spec with a value in its place; what may lead to a layer to come goes to `later`."""
    try:
        return follow(root, wanted.path, lambda _: wanted.value, wanted.place, first_argument)
    except NoPlace as missed:
        if later is not None and _among_layers(wanted.path):
            later.append(wanted._replace(missed=missed))
        else:
            report(missed, wanted.place, findings)
        return root


def put_late(
    root: Mapping,
    later: Iterable[Wanted],
    resolver: Resolver,
    findings: Findings,
    first_argument: FirstArgument,
) -> Mapping:
    """The expanded spec with the values that waited for its layers."""
    for wanted in later:
        value = resolver.node(wanted.value)
        try:
            change = partial(_in_place, value)
            root = follow(root, wanted.path, change, wanted.place, first_argument)
        except NoPlace as missed:
            report(_better(wanted.missed, missed), wanted.place, findings)
    return root


def _among_layers(path: str) -> bool:
    return [step.text for step in steps_of(path)[:2]] == ["model", "layers"]


def _better(early: NoPlace | None, late: NoPlace) -> NoPlace:
    """What got further along the path has more to say."""
    return early if early is not None and early.step.start > late.step.start else late


def _in_place(new: Node, old: Node | None) -> Node:
    """A new layer in the place of one that was made keeps its name and what it is called on."""
    if not isinstance(old, Mapping) or not {"name", "from"} & old.entries.keys():
        return new
    if isinstance(new, Scalar):
        bare = Entry(str(new.value), new.span, Scalar(None, new.span))
        new = Mapping({bare.key: bare}, new.span)
    if not isinstance(new, Mapping):
        return new
    kept = {key: old.entries[key] for key in _KEPT if key in old.entries}
    return Mapping(
        {**new.entries, **{k: e for k, e in kept.items() if k not in new.entries}}, new.span
    )
