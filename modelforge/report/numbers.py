"""Numbers as a page shows them."""

from __future__ import annotations

import math


def short(value: float) -> str:
    """Four significant digits at most, without trailing zeros.

    >>> [short(v) for v in (0.98765, 12.0, 1234567.0, 0.000012)]
    ['0.9877', '12', '1.235e+06', '1.2e-05']
    """
    if not math.isfinite(value):
        return {math.inf: "infinite", -math.inf: "-infinite"}.get(value, "not a number")
    return f"{value:.4g}" if value != int(value) or abs(value) >= 1e6 else str(int(value))


def share(value: float) -> str:
    """A share of one, to be compared down a column."""
    return f"{value:.3f}"


def seconds(value: float) -> str:
    """A duration: `8.4 s`, `12 min 5 s`, `3 h 2 min`."""
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
