"""The schema of `train.phases`, and what a schema cannot say of a list of phases."""

from __future__ import annotations

from modelforge.document import Mapping, Node, Scalar, Sequence, at
from modelforge.findings import Findings, Related, Span
from modelforge.schema import serving
from modelforge.schema.forms import Forms, Schema
from modelforge.schema.thaw import THAW, after_of, name_of_part, part_numbers, parts_of
from modelforge.schema.values import choice, section, text

PHASES = "phases"
STARTS = ("best", "last")
MOST = 100  # whoever has more of them wants a loop


def phases(forms: Forms, replaceable: dict[str, Schema]) -> Schema:
    """`train.phases`; replaceable: the keys of `train` that a phase may say anew."""
    keys = {
        "name": text(
            "What the phase is called; its number if left out.",
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$",
            expected="letters, digits, `_` and `-`, at most 64 of them",
        ),
        **replaceable,
        "batch_size": serving.batch_size(),
        **serving.augmentation(forms),
        "start": choice(
            "The weights of the phase before that this one begins with: `best` if left out.", STARTS
        ),
    }
    return {
        "type": "array",
        "items": section("a phase", keys),
        "minItems": 1,
        "maxItems": MOST,
        "x-expected": "a list of phases",
        "description": "Parts of the run, one after the other; each inherits the keys of `train` "
        "and may replace them.",
    }


def check_phases(root: Mapping, findings: Findings) -> None:
    """Adds phases of the same name, a first one that says what it begins with, and too many."""
    items = at(root, ("train", PHASES))
    taken: dict[str, Span] = {}
    for number, item in enumerate(items.items if isinstance(items, Sequence) else (), 1):
        if not isinstance(item, Mapping):
            continue
        entry = item.entries.get("name")
        span = entry.value.span if entry else item.span
        for name in names_of(item, number):
            if name in taken:
                findings.error(
                    "name-twice",
                    f"two phases are called `{name}`",
                    span,
                    hint="a phase has a name of its own"
                    + ("" if entry else ": give this one a name"),
                    related=[Related(taken[name], "the other")],
                )
            taken.setdefault(name, span)
        if number == 1 and "start" in item.entries and THAW not in item.entries:
            findings.error(
                "first-phase",
                "the first phase has none before it whose weights it could begin with",
                item.entries["start"].key_span,
                hint="leave out `start`, or load weights with `load` in the model",
            )
    _check_number(items, findings)


def _check_number(items: Node | None, findings: Findings) -> None:
    """Adds more phases than there may be, where it is a thaw that makes them."""
    each = items.items if isinstance(items, Sequence) else ()
    counts = [max(1, len(names_of(it, 1)) - 1) for it in each if isinstance(it, Mapping)]
    if items is not None and len(counts) <= MOST < sum(counts):
        findings.error(
            "too-many-phases",
            f"with what `{THAW}` makes of them these are {sum(counts)} phases, more than {MOST}",
            items.span,
        )


def names_of(item: Mapping, number: int) -> list[str]:
    """What a phase is called, and where it thaws those that it is divided into."""
    name, thaw = name_of(item, number), item.get(THAW)
    parts = part_numbers(parts_of(thaw), after_of(thaw)) if thaw is not None else ()
    return [name, *(name_of_part(name, part) for part in parts)]


def name_of(item: Mapping, number: int) -> str:
    """What a phase is called: its number (from 1) where it has no name."""
    name = item.get("name")
    return str(name.value) if isinstance(name, Scalar) and name.value is not None else str(number)
