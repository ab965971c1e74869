"""Random choices that are counted: what a seed made of the language can be told afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")


class Draw:
    """Choices from a seed; `seen` counts the words and features that came of them."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.seen: Counter[str] = Counter()
        self._numbers: Counter[str] = Counter()

    def one(self, options: Sequence[T]) -> T:
        """One of them."""
        return self.random.choice(options)

    def weighted(self, options: Mapping[str, float]) -> str:
        """One of the keys, as often as its weight says."""
        return self.random.choices([*options], [*options.values()])[0]

    def whole(self, least: int, most: int) -> int:
        """An integer, both ends included."""
        return self.random.randint(least, most)

    def number(self, least: float, most: float) -> float:
        """A number with few digits."""
        return round(self.random.uniform(least, most), 3)

    def chance(self, probability: float) -> bool:
        """True as often as the probability says."""
        return self.random.random() < probability

    def sample(self, options: Sequence[T], most: int) -> list[T]:
        """Some of them, each at most once."""
        return self.random.sample([*options], self.whole(0, min(most, len(options))))

    def fresh(self, stem: str) -> str:
        """A name that was not given before: `stem1`, `stem2`."""
        self._numbers[stem] += 1
        return f"{stem}{self._numbers[stem]}"

    def note(self, feature: str) -> None:
        """Counts a word or a feature of the language."""
        self.seen[feature] += 1

    def some(self, probability: float, **choices: Sequence[Any]) -> dict[str, Any]:
        """Some of the arguments, each with one of its values."""
        return {k: self.one(v) for k, v in choices.items() if self.chance(probability)}
