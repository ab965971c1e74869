"""The values that expressions compute with, and their bounds."""

from __future__ import annotations

import math
from typing import Any

from modelforge.document import Plain
from modelforge.document.limits import MAX_INTEGER

MAX_LENGTH = 10_000  # characters of a text, items of a list, of everything in it together


class ExpressionError(Exception):
    """Something wrong in an expression, at offsets of its text."""

    def __init__(
        self,
        message: str,
        start: int,
        end: int,
        *,
        hint: str = "",
        rule: str = "expression",
        notes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.hint = hint
        self.rule = rule
        self.notes = notes


class Unfit(Exception):
    """A value that an operation cannot take or give; the evaluator knows the place."""


def kind(value: Plain) -> str:
    """`a number`, `a text`: how messages speak of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "a mapping"


def is_number(value: Plain) -> bool:
    """Whether arithmetic takes it; true and false are no numbers here."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def bounded(value: Any) -> Plain:
    """The value itself if it is one that a spec can hold, else Unfit."""
    if isinstance(value, complex):
        raise Unfit("the result is not a real number")
    if isinstance(value, float) and not math.isfinite(value):
        raise Unfit("the result is not a finite number")
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise Unfit("the result is an integer larger than 2**53")
    if isinstance(value, str | list) and weight(value) > MAX_LENGTH:
        raise Unfit(f"the result is longer than {MAX_LENGTH}")
    return value  # type: ignore[no-any-return]


def weight(value: Plain) -> int:
    """How much a value holds: characters of a text, and all items of a list, nested ones too."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return len(value) + sum(weight(item) for item in value if not is_number(item))
    if isinstance(value, dict):
        return len(value) + sum(weight(item) for item in value.values())
    return 1


def as_text(value: Plain) -> str:
    """A single value as a spec writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        raise Unfit(f"{kind(value)} cannot be part of a text")
    return str(value)


def as_literal(value: Plain) -> str | None:
    """A value as an expression writes it; None where none can say it."""
    if isinstance(value, str):
        quote = "'" if "'" not in value else '"'
        return None if quote in value else f"{quote}{value}{quote}"
    if isinstance(value, list):
        items = [as_literal(item) for item in value]
        known = [item for item in items if item is not None]
        return f"[{', '.join(known)}]" if len(known) == len(items) else None
    if isinstance(value, dict):
        return None
    text = as_text(value)
    return f"({text})" if text.startswith("-") else text
