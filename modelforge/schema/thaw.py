"""The schema of `thaw`, which divides a run or a phase, and what a schema cannot say of it."""

from __future__ import annotations

from collections.abc import Iterator

from modelforge.document import Entry, Mapping, Node, Scalar, Sequence, at, plain
from modelforge.findings import Findings, counted
from modelforge.schema.forms import Schema
from modelforge.schema.freezing import MOST, selector, selectors
from modelforge.schema.values import section, whole

THAW = "thaw"
MOST_PARTS = 99  # with the one before the first of them as many as there may be phases
EVERY, AFTER, PARTS = "every", "after", "parts"


def thaw() -> Schema:
    """`thaw`: parts by name, or a mapping that says more."""
    keys = {
        "layers": selectors("What is frozen at first: names, globs or classes of layers."),
        "except": selectors("Those among them that are trained from the beginning."),
        PARTS: {
            "type": ["integer", "array"],
            "minimum": 1,
            "maximum": MOST_PARTS,
            **_named_parts(),
            "x-expected": "a number of parts, or a list of them",
            "description": "How many parts of equal numbers of layers, thawed from the outputs "
            "down; or selectors of each part, in order.",
        },
        EVERY: whole("Epochs from one part to the next; 1 if left out.", minimum=1),
        AFTER: whole("Epochs before the first part is thawed; `every` if left out.", minimum=0),
    }
    return {
        **section(THAW, keys, required=(PARTS,)),
        "type": ["array", "object"],
        **_named_parts(),
        "x-expected": "a list of parts, or a mapping",
        "description": "Gradual thawing: layers that are frozen at first, and thawed part by part.",
    }


def _named_parts() -> Schema:
    several = {"type": ["string", "array"], "items": selector(), "minItems": 1, "maxItems": MOST}
    expected = "the name of a layer, or a list of them"
    return {
        "items": {**several, "x-expected": expected},
        "minItems": 1,
        "maxItems": MOST_PARTS,
    }


def parts_of(node: Node) -> int:
    """How many parts a `thaw` has; the node must have passed the schema."""
    found = node.get(PARTS) if isinstance(node, Mapping) else node
    if isinstance(found, Sequence):
        return len(found.items)
    return number(found, 0)


def every_of(node: Node) -> int:
    """How many epochs lie between two parts."""
    return number(node.get(EVERY) if isinstance(node, Mapping) else None, 1)


def after_of(node: Node) -> int:
    """How many epochs lie before the first part."""
    return number(node.get(AFTER) if isinstance(node, Mapping) else None, every_of(node))


def number(node: Node | None, default: int) -> int:
    """The value of a whole number; the default where there is none."""
    value = node.value if isinstance(node, Scalar) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def part_numbers(parts: int, after: int) -> range:
    """How many parts are thawed in each of the phases that a `thaw` makes, one after the other."""
    return range(int(after == 0), min(parts, MOST_PARTS) + 1)


def name_of_part(phase: str, part: int) -> str:
    """What the phase is called in which so many parts of another one are thawed."""
    return f"{phase or THAW}-{part}"


def check_thaw(root: Mapping, findings: Findings) -> None:
    """Adds a `thaw` beside phases, and one that has too few epochs."""
    train = root.get("train")
    if not isinstance(train, Mapping):
        return
    if THAW in train.entries and "phases" in train.entries:
        findings.error(
            "thaw-phases",
            "`thaw` divides a run that has no phases",
            train.entries[THAW].key_span,
            hint="write it in the phase that thaws",
        )
        return
    for entry, epochs in _each(train):
        _check_epochs(entry, epochs, findings)


def _each(train: Mapping) -> Iterator[tuple[Entry, Entry | None]]:
    """Each `thaw`, and the `epochs` that it divides."""
    inherited = train.entries.get("epochs")
    items = at(train, ("phases",))
    for item in (train, *(items.items if isinstance(items, Sequence) else ())):
        if isinstance(item, Mapping) and THAW in item.entries:
            yield item.entries[THAW], item.entries.get("epochs", inherited)


def _check_epochs(entry: Entry, epochs: Entry | None, findings: Findings) -> None:
    parts, every, after = parts_of(entry.value), every_of(entry.value), after_of(entry.value)
    there_are = number(epochs.value, 0) if epochs is not None else 1
    needed = after + (parts - 1) * every + 1
    if epochs is not None and isinstance(plain(epochs.value), str):
        return  # the data will tell
    if not 1 <= parts <= MOST_PARTS or there_are >= needed:
        return
    more = f", each one after it {counted(every, 'epoch')} later" if parts > 1 else ""
    findings.error(
        "thaw-epochs",
        f"`{THAW}` takes at least {counted(needed, 'epoch')}, and there "
        f"{'is' if there_are == 1 else 'are'} {there_are}",
        epochs.value.span if epochs is not None else entry.key_span,
        hint=f"write `epochs: {needed}` or more, or thaw fewer parts",
        notes=[f"the first part is thawed after {counted(after, 'epoch')}{more}"],
    )
