"""Numbers of bytes as people read them, wherever one is said."""

from __future__ import annotations

_UNITS = ("KiB", "MiB", "GiB", "TiB")


def size_text(count: float) -> str:
    """`714 bytes`, `1.5 MiB`: in units of 1,024, of which memory and limits are counted."""
    if count < 1024:
        return f"{count:.0f} bytes"
    power = 1
    while round(count / 1024**power, 1) >= 1024 and power < len(_UNITS):
        power += 1
    return f"{count / 1024**power:,.1f} {_UNITS[power - 1]}"
