"""Arguments with holes: values that a variable, a parameter or a loop fills in.

The same arguments have a spelling (`"${width * 2}"`) and a meaning (16), so that a spec that is
written with variables can be held against the one that was meant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Environment = Mapping[str, Any]


@dataclass(frozen=True)
class Hole:
    """`${name * factor + offset}`; factor 1 and offset 0 for a plain `${name}`."""

    name: str
    factor: int = 1
    offset: int = 0

    def value(self, environment: Environment) -> Any:
        """What it stands for."""
        found = environment[self.name]
        return found if self.is_plain else found * self.factor + self.offset

    @property
    def is_plain(self) -> bool:
        """Whether it passes on what it names, whatever its type."""
        return self.factor == 1 and self.offset == 0

    def __str__(self) -> str:
        text = self.name if self.factor == 1 else f"{self.factor} * {self.name}"
        if self.offset:
            text += f" + {self.offset}" if self.offset > 0 else f" - {-self.offset}"
        return "${" + text + "}"


def fill(value: Any, environment: Environment) -> Any:
    """The value that is meant."""
    return _mapped(value, lambda hole: hole.value(environment))


def spell(value: Any) -> Any:
    """The value as it is written."""
    return _mapped(value, str)


def _mapped(value: Any, change: Callable[[Hole], Any]) -> Any:
    if isinstance(value, Hole):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    return value
