"""The corpus: every crafted file by name, with what it must be refused for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filekit import Kit


@dataclass(frozen=True)
class Attack:
    """make writes the file; it must be refused under this rule, in a sentence with these words."""

    make: Callable[[Kit], Path]
    rule: str
    says: str


ATTACKS: dict[str, Attack] = {}


def attack(rule: str, says: str) -> Callable[[Callable[[Kit], Path]], Callable[[Kit], Path]]:
    """Adds what the function makes to the corpus."""

    def added(make: Callable[[Kit], Path]) -> Callable[[Kit], Path]:
        assert make.__name__ not in ATTACKS
        ATTACKS[make.__name__] = Attack(make, rule, says)
        return make

    return added
