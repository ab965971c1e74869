"""Where there is room for features: in memory, on the disk, or nowhere."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from modelforge.train.checks.memory import memory_here
from modelforge.train.features.plan import AUTO, DISK, MEMORY, NONE, Plan

_SHARE = 4  # one part in so many of the memory that is free; the rest is for training
_MEMORY = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")


def place_for(plan: Plan, folder: Path, kept_free: int, workers: int) -> str:
    """`memory`, `disk`, or `none` where they would have to be on a disk that has no room.

    folder: of the run. kept_free: bytes on its disk that are for something else. workers: how
    many processes may be at the same memory.
    """
    if plan.asked == MEMORY:
        return MEMORY
    free = memory_free()
    if plan.asked == AUTO and free is not None and plan.bytes * _SHARE * workers <= free:
        return MEMORY
    usage = shutil.disk_usage(folder)
    return DISK if not usage.total or usage.free >= plan.bytes + kept_free else NONE


def memory_free() -> int | None:
    """The bytes of memory that this process may still take; None where nobody tells."""
    found = _available()
    try:
        limit = int((_CGROUP / "memory.max").read_text(encoding="ascii"))
        used = int((_CGROUP / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):  # `max` where there is no limit
        return found
    left = max(0, limit - used)
    return left if found is None else min(found, left)


def _available() -> int | None:
    try:
        for line in _MEMORY.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    here = memory_here()
    return here // 2 if here is not None and os.name == "posix" else None
