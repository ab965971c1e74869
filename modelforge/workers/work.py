"""What workers do together, in the words of the messages about them."""

from __future__ import annotations

from dataclasses import dataclass

RESUME_WITH_ALL = "everything up to the last checkpoint is saved: resume the run with all workers"


@dataclass(frozen=True, slots=True)
class Work:
    """What is done. differ: what is said where the workers have not the same before them.

    again: how it is done once more after a worker was lost. undone: what a stop leaves undone.
    together: whether every step is made by all, so that one that stands still holds up the others.
    """

    differ: str
    again: str
    undone: str
    together: bool


TRAIN = Work(
    "the workers do not train the same model on the same data",
    RESUME_WITH_ALL,
    "before the first step; nothing was trained",
    together=True,
)
ASK = Work(
    "the workers do not ask the same model the same questions",
    "nothing is lost: give the command again; with `--workers 1` for one process alone",
    "before the end; nothing was written",
    together=False,
)
