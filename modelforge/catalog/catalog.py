"""The vocabulary as a whole: every word of every kind, found by any of its names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from modelforge.catalog.record import Head, Unread, word_of
from modelforge.catalog.word import Kind, Word


class Catalog:
    """Words by kind and name. `keras_version` is the release that its Keras words describe.

    Words that come as records are made when they are first asked for.
    """

    def __init__(self, words: Iterable[Head], keras_version: str) -> None:
        self.keras_version = keras_version
        self._words: dict[str, dict[str, Head]] = {}
        self._names: dict[str, dict[str, str]] = {}
        for word in words:
            self._words.setdefault(word.kind, {})[word.name] = word
            names = self._names.setdefault(word.kind, {})
            for name in (word.name, *word.aliases):
                names[name] = word.name

    def extended(self, words: Iterable[Word]) -> Catalog:
        """This catalog with further words."""
        return Catalog([*self.heads(*self.kinds), *words], self.keras_version)

    def words(self, *kinds: Kind) -> dict[str, Word]:
        """The words of these kinds by their canonical names, sorted."""
        found = {name: self._word(kind, name) for kind in kinds for name in self._of(kind)}
        return dict(sorted(found.items()))

    def names(self, *kinds: Kind) -> dict[str, Word]:
        """The words of these kinds by every name under which they may be written."""
        return {
            name: self._word(kind, canonical)
            for kind in kinds
            for name, canonical in self._names.get(kind, {}).items()
        }

    def heads(self, *kinds: Kind) -> Iterator[Head]:
        """The words of these kinds, sorted, no more of them read than their names."""
        for kind in kinds:
            yield from (word for _, word in sorted(self._of(kind).items()))

    def find(self, name: str, *kinds: Kind) -> Word | None:
        """The word of one of these kinds that bears this name or alias, or None."""
        for kind in kinds:
            canonical = self._names.get(kind, {}).get(name)
            if canonical is not None:
                return self._word(kind, canonical)
        return None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds that have words, sorted."""
        found: list[Kind] = [next(iter(words.values())).kind for words in self._words.values()]
        return tuple(sorted(found))

    def first_argument(self, name: str) -> str | None:
        """The argument that the short form of a word sets, whatever its kind; None if unknown."""
        for kind in self.kinds:
            word = self.find(name, kind)
            if word is not None and word.first is not None:
                return word.first.name
        return None

    def __iter__(self) -> Iterator[Word]:
        for kind in self.kinds:
            yield from self.words(kind).values()

    def __len__(self) -> int:
        return sum(len(words) for words in self._words.values())

    def _of(self, kind: Kind) -> dict[str, Head]:
        return self._words.get(kind, {})

    def _word(self, kind: Kind, name: str) -> Word:
        found = self._words[kind][name]
        if isinstance(found, Unread):
            found = self._words[kind][name] = word_of(found.record)
        return found
