"""Data that was fine when a run began, and is not any more."""

from __future__ import annotations

from modelforge.data.bundle import Bundle
from modelforge.findings import Finding, Lost, counted

_SHOWN = 5


def lost_files(bundle: Bundle) -> Lost | None:
    """The files that cannot be read any more, as users are told of them; None where all can."""
    lines = bundle.recheck()
    if not lines:
        return None
    more = [f"... and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return Lost(
        [
            Finding(
                "data-lost",
                f"{counted(len(lines), 'file')} of the data could be read when the run began, "
                "and cannot be read any more",
                notes=(
                    *lines[:_SHOWN],
                    *more,
                    "put them back as they were, then go on from the last checkpoint: --resume",
                ),
            )
        ]
    )
