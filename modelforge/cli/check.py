"""One thing that `modelforge doctor` looks at: what was found, and how to mend it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["fine", "hint", "broken"]
FINE: State = "fine"
HINT: State = "hint"
BROKEN: State = "broken"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was found, and how to mend it where it is not fine."""

    name: str
    state: State
    found: str
    mend: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "mend": list(self.mend)}
