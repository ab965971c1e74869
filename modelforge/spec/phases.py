"""The phases of a document: how each is called, and `train` with what it replaces."""

from __future__ import annotations

from collections.abc import Iterator

from modelforge.document import Entry, Mapping, Sequence
from modelforge.schema.phases import PHASES, name_of


def phase_nodes(train: Mapping) -> Iterator[tuple[str, Mapping, Mapping]]:
    """For each item of `train.phases` its name, itself, and `train` with its keys in place.

    A phase replaces whole keys: `optimizer: {SGD: 0.1}` leaves nothing of the optimizer above.
    """
    items = train.get(PHASES)
    inherited = {key: entry for key, entry in train.entries.items() if key != PHASES}
    for number, item in enumerate(items.items if isinstance(items, Sequence) else (), 1):
        if isinstance(item, Mapping):
            entries: dict[str, Entry] = {**inherited, **item.entries}
            yield name_of(item, number), item, Mapping(entries, train.span)
