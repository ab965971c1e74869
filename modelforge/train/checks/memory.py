"""The memory that training takes, held against what this machine has."""

from __future__ import annotations

import os
from pathlib import Path

from modelforge.findings import Findings
from modelforge.findings.size import size_text
from modelforge.graph import Given, Loaded
from modelforge.graph.budget import ANYWAY, parts_of
from modelforge.graph.memory import estimate
from modelforge.train.strategy import Placement

_CGROUP = Path("/sys/fs/cgroup/memory.max")


def check_memory(
    loaded: Loaded, data: Given, placement: Placement, findings: Findings, has: int | None = None
) -> None:
    """Refuses weights that cannot be held, and warns of outputs that may be too much.

    has: the bytes of memory; this machine's where it is left out. A GPU has its own, of which
    nothing is known here.
    """
    if loaded.allow_large or any(not name.startswith("CPU") for name in placement.devices):
        return
    has = memory_here() if has is None else has
    parts = [part[:2] for part in parts_of(loaded.graph, loaded.known)]
    needed = estimate(parts, loaded.spec, data)
    if has is None or needed.total <= has:
        return
    span = needed.largest[0].object.span
    here = f"this machine has {size_text(has)}"
    if needed.weights > has:
        findings.error(
            "too-much-memory",
            f"weights, gradients and optimizer would take {size_text(needed.weights)}; {here}",
            span,
            hint="the layer that takes the most",
            notes=[ANYWAY],
        )
        return
    findings.warning(
        "too-much-memory",
        f"training the model may take about {size_text(needed.total)}; {here}",
        span,
        hint="the layer that takes the most",
        notes=[*needed.told(), "a smaller `batch_size` takes less"],
    )


def memory_here() -> int | None:
    """The bytes of memory that this process may have; None where the system does not tell."""
    try:
        found = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
    try:
        limit = _CGROUP.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return found
    return min(found, int(limit)) if limit.isdecimal() else found
