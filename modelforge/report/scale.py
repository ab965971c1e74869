"""Axes: from numbers to places on a page, with round ticks, linear or logarithmic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LOG_FROM = 50.0  # a range this many times its smallest value is shown on a logarithmic axis


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps low..high to first..last (places in pixels)."""

    low: float
    high: float
    first: float
    last: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Where a value lies."""
        low, high, at = (
            (math.log10(self.low), math.log10(self.high), math.log10(value))
            if self.logarithmic
            else (self.low, self.high, value)
        )
        share = (at - low) / (high - low) if high > low else 0.5
        return self.first + share * (self.last - self.first)

    def ticks(self, about: int = 5) -> list[float]:
        """Round values within the scale."""
        if self.logarithmic:
            return _powers(self.low, self.high)
        step = round_step((self.high - self.low) / max(1, about))
        start = math.ceil(self.low / step - 1e-9)
        count = math.floor(self.high / step + 1e-9) - start + 1
        return [round((start + i) * step, 12) for i in range(count)]


def value_scale(values: Sequence[float], first: float, last: float) -> Scale:
    """A scale that holds all values with a little air; logarithmic where their range asks."""
    low, high = min(values), max(values)
    if low > 0 and high / low > LOG_FROM:
        return Scale(low / 1.1, high * 1.1, first, last, logarithmic=True)
    air = (high - low) * 0.06 or abs(high) * 0.1 or 0.5
    bottom, top = low - air, high + air
    if low >= 0:
        bottom = max(0.0, bottom)
    if low >= 0 and high <= 1:  # shares end at 1, where no air is needed
        top = min(1.0, top)
    return Scale(bottom, top, first, last)


def round_step(rough: float) -> float:
    """The nearest of 1, 2, 5 times a power of ten that is not smaller."""
    if rough <= 0 or not math.isfinite(rough):
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))


def _powers(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    stride = max(1, (last - first) // 5)
    fine = last - first <= 2
    factors = (1, 2, 5) if fine else (1,)
    values = [f * 10.0**e for e in range(first, last + 1, stride) for f in factors]
    return [value for value in values if low <= value <= high]
