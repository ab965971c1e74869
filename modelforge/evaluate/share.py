"""One worker's share of what is asked of a run, and how the chief comes to the shares of all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelforge.data.replicas import bounds
from modelforge.workers import Link
from modelforge.workers.link import MEASURING


@dataclass(frozen=True)
class Share:
    """This process's part of the work: all of it where it works alone.

    index, count: which of how many workers it is; the first is the chief. link: its line to the
    process that watches it.
    """

    index: int = 0
    count: int = 1
    link: Link | None = None

    def begin(self, facts: Callable[[], Mapping[str, str]]) -> None:
        """Waits until all workers are there; where they differ in what they ask, all are ended."""
        if self.link is not None:
            self.link.compare(facts())
            self.link.phase = MEASURING

    def part(self, size: int) -> tuple[int, int]:
        """Where this worker's part of so many things in a row begins, and where it ends."""
        ends = bounds(size, self.count)
        return int(ends[self.index]), int(ends[self.index + 1])

    def done(self) -> None:
        """Something was done: whoever watches sees that this worker gets on."""
        if self.link is not None:
            self.link.steps += 1

    def joined(self, own: Any) -> list[Any]:
        """What all workers have found, in their order; of other workers than the chief nothing.

        own: what this one has found: plain values, which every worker but the chief sends away.
        """
        if self.link is None:
            return [own]
        if self.index:
            self.link.hand_in(json.dumps(own))
            return []
        return [own, *(json.loads(text) for text in self.link.shares(self.count - 1))]


ALONE = Share()


def checksum(path: Path) -> str:
    """What tells one file from another: workers have to ask the same model."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
