"""The schema of `train.phases`, and what a schema cannot say of a list of phases."""

from __future__ import annotations

from modelforge.document import Mapping, Scalar, Sequence, at
from modelforge.findings import Findings, Related, Span
from modelforge.schema import serving
from modelforge.schema.forms import Forms, Schema
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
    """Adds phases of the same name, and a first one that says what it begins with."""
    items = at(root, ("train", PHASES))
    taken: dict[str, Span] = {}
    for number, item in enumerate(items.items if isinstance(items, Sequence) else (), 1):
        if not isinstance(item, Mapping):
            continue
        name, entry = name_of(item, number), item.entries.get("name")
        span = entry.value.span if entry else item.span
        if name in taken:
            findings.error(
                "name-twice",
                f"two phases are called `{name}`",
                span,
                hint="a phase has a name of its own" + ("" if entry else ": give this one a name"),
                related=[Related(taken[name], "the other")],
            )
        taken.setdefault(name, span)
        if number == 1 and "start" in item.entries:
            findings.error(
                "first-phase",
                "the first phase has none before it whose weights it could begin with",
                item.entries["start"].key_span,
                hint="leave out `start`, or load weights with `load` in the model",
            )


def name_of(item: Mapping, number: int) -> str:
    """What a phase is called: its number (from 1) where it has no name."""
    name = item.get("name")
    return str(name.value) if isinstance(name, Scalar) and name.value is not None else str(number)
