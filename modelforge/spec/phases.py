"""The phases of a document: their names, `train` with what each replaces, what `thaw` makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from modelforge.document import Entry, Mapping, Sequence
from modelforge.schema.phases import PHASES, name_of
from modelforge.schema.thaw import THAW, name_of_part
from modelforge.spec.freezing import Freeze
from modelforge.spec.spec import Phase
from modelforge.spec.thaw import Part


def phase_nodes(train: Mapping) -> Iterator[tuple[str, Mapping, Mapping]]:
    """For each item of `train.phases` its name, itself, and `train` with its keys in place.

    A phase replaces whole keys: `optimizer: {SGD: 0.1}` leaves nothing of the optimizer above.
    A `train` that thaws is one phase without a name, which says nothing itself.
    """
    items = train.get(PHASES)
    if THAW in train.entries:
        yield "", Mapping({}, train.entries[THAW].key_span), train
        return
    inherited = {key: entry for key, entry in train.entries.items() if key != PHASES}
    for number, item in enumerate(items.items if isinstance(items, Sequence) else (), 1):
        if isinstance(item, Mapping):
            entries: dict[str, Entry] = {**inherited, **item.entries}
            yield name_of(item, number), item, Mapping(entries, train.span)


def divided(phase: Phase) -> Iterator[Phase]:
    """The phases that a `thaw` makes of one: what is thawed in them, and for how many epochs."""
    thaw = phase.train.thaw
    if thaw is None:
        yield phase
        return
    kept = phase.train.freeze or Freeze(span=thaw.span)
    for number in thaw.numbers():
        train = replace(
            phase.train,
            freeze=replace(kept, part=Part(thaw, number)),
            epochs=thaw.epochs_of(number, phase.train.epochs),
            thaw=None,
        )
        own = phase.own | {"epochs", "freeze"}
        name = name_of_part(phase.name, number)
        yield replace(phase, name=name, train=train, own=own, whole=phase)
