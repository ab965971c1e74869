"""One spec laid over another: mappings merge, all else is replaced, and forms stay one word."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

from modelforge.document import Entry, Mapping, Node, Scalar


class Word(NamedTuple):
    """A word of the language: its canonical name, and the argument that its short form sets."""

    name: str
    first: str | None


class Place(Protocol):
    """A place of the language, as far as merging must know it.

    form: whether a mapping there is an object (`Name: {argument: value}`): `always`; where one of
    its keys is a word (`train.loss` may also be by output): `perhaps`; where the only keys of both
    are words (a variable may hold anything): `alike`.
    """

    @property
    def form(self) -> Literal["always", "perhaps", "alike"]: ...

    def below(self, key: str) -> Place:
        """The place of a key's value."""

    def word(self, key: str) -> Word | None:
        """The word that a key is there."""


def merged(base: Node, over: Node, place: Place) -> Node:
    """`over`, with what only `base` says."""
    if not isinstance(base, Mapping) or not isinstance(over, Mapping):
        return over
    held, given = _word(base, place), _word(over, place)
    if held is not None and given is not None:
        return _arguments(base, over, place) if held.name == given.name else over
    if place.form == "always" or (place.form == "perhaps" and (held or given)):
        return over
    return _united(base, over, place)


def _word(node: Mapping, place: Place) -> Word | None:
    """The word of a mapping that has no other key."""
    return place.word(next(iter(node.entries))) if len(node.entries) == 1 else None


def _arguments(base: Mapping, over: Mapping, place: Place) -> Mapping:
    """The same word on both sides, perhaps under two of its names: its arguments merge."""
    (old,), (new,) = base, over
    word = place.word(new.key)
    assert word is not None
    before, after = _opened(old.value, word), _opened(new.value, word)
    if before is None or after is None:
        return over
    united = _united(before, after, place.below(new.key))
    return Mapping({new.key: Entry(new.key, new.key_span, united)}, over.span)


def _united(base: Mapping, over: Mapping, place: Place) -> Mapping:
    """The keys of both; what both say is merged in its turn."""
    entries = dict(base.entries)
    for entry in over:
        inherited = base.get(entry.key)
        if inherited is not None:
            value = merged(inherited, entry.value, place.below(entry.key))
            entry = Entry(entry.key, entry.key_span, value)
        entries[entry.key] = entry
    return Mapping(entries, over.span)


def _opened(value: Node, word: Word) -> Mapping | None:
    """The arguments behind a word, `Dropout: 0.5` as `{rate: 0.5}`; None for a bare word."""
    if isinstance(value, Mapping):
        return value
    if word.first is None or (isinstance(value, Scalar) and value.value is None):
        return None
    return Mapping({word.first: Entry(word.first, value.span, value)}, value.span)
