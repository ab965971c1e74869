"""How many samples of each class a share takes: the arithmetic of a stratified split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor

ORDER = ("test", "validation")  # so that the test share does not depend on the validation share


def quotas(counts: Sequence[int], wanted: int) -> list[int]:
    """Whole numbers in the proportion of `counts` whose sum is `wanted` (largest remainders).

    A class keeps at least one sample for training, however large the share.
    """
    total = sum(counts)
    exact = [count * (wanted / total) if total else float(count) for count in counts]
    found = [floor(number) for number in exact]
    # A stable sort gives ties to the first class, so that the same seed divides alike everywhere.
    by_remainder = sorted(range(len(counts)), key=lambda place: found[place] - exact[place])
    for place in by_remainder[: wanted - sum(found)]:
        found[place] += 1
    return [min(quota, max(count - 1, 0)) for quota, count in zip(found, counts, strict=True)]


def left_for_training(
    size: int, counts: Sequence[int], shares: Mapping[str, float]
) -> tuple[int, tuple[int, ...]]:
    """The samples that the shares leave, and those of each class."""
    left, rest = size, list(counts)
    for name in ORDER:
        wanted = round(size * shares[name]) if name in shares else 0
        if not counts:
            left -= wanted
            continue
        for place, quota in enumerate(quotas(rest, wanted) if wanted else ()):
            rest[place] -= quota
        left = sum(rest)
    return left, tuple(rest)
