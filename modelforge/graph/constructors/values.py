"""The arguments of a word as these rules read them, and what a rule says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from modelforge.spec import Object, Value


class Refusal(NamedTuple):
    """argument: the one to blame; message: what is wrong; hint: how to mend it."""

    argument: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Values:
    """Written arguments over the catalog's defaults.

    What is of another kind than asked for, or waits for the data, is None: then no rule speaks.
    """

    given: Mapping[str, Value]
    defaults: Mapping[str, Value]

    def value(self, name: str) -> Value:
        """The value as it is written, else the default."""
        return self.given.get(name, self.defaults.get(name))

    def number(self, name: str) -> int | float | None:
        """A number."""
        return as_number(self.value(name))

    def text(self, name: str) -> str:
        """A text; empty where it is none."""
        found = self.value(name)
        return found if isinstance(found, str) else ""

    def flag(self, name: str) -> bool:
        """Whether it is true."""
        return self.value(name) is True

    def list(self, name: str) -> tuple[Value, ...] | None:
        """A list."""
        found = self.value(name)
        return found if isinstance(found, tuple) else None

    def largest(self, name: str) -> int | float | None:
        """A number, or the largest one of a list."""
        found = self.value(name)
        items = found if isinstance(found, tuple) else (found,)
        numbers = [number for item in items if (number := as_number(item)) is not None]
        return max(numbers) if numbers and len(numbers) == len(items) else None

    def object(self, name: str) -> Object | None:
        """An object in the one form."""
        found = self.value(name)
        return found if isinstance(found, Object) else None


Rule: TypeAlias = "Callable[[Values], Iterator[Refusal]]"


def as_number(value: Value) -> int | float | None:
    """The value, if it is a number."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def within(
    argument: str, *, least: float | None = None, above: float | None = None,
    most: float | None = None, below: float | None = None,
) -> Rule:  # fmt: skip
    """A rule for a number within bounds."""

    def rule(values: Values) -> Iterator[Refusal]:
        number = values.number(argument)
        if number is None:
            return
        bounds = (
            (least, "at least", least is not None and number < least),
            (above, "more than", above is not None and number <= above),
            (most, "at most", most is not None and number > most),
            (below, "less than", below is not None and number >= below),
        )
        for bound, words, passed in bounds:
            if passed:
                yield Refusal(argument, f"`{argument}` is {number}, expected {words} {bound}")

    return rule
