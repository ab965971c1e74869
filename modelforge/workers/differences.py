"""Workers that would not train the same model on the same data: what differs between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modelforge.findings import Finding

_MOST = 8  # differences told; more of them say nothing further
_CUT = 60  # characters of a value


def differences(
    facts: Mapping[int, Mapping[str, str]], names: Sequence[str], message: str
) -> list[Finding]:
    """One finding that lists what differs from worker 0; none where all say the same."""
    chief = facts[0]
    told = []
    for index, other in sorted(facts.items()):
        for name in sorted(chief.keys() | other.keys()):
            here, there = chief.get(name, "missing"), other.get(name, "missing")
            if here != there:
                told.append(
                    f"{name}: {_short(here)} at {names[0]}, {_short(there)} at {names[index]}"
                )
    if not told:
        return []
    more = [f"and {len(told) - _MOST} more"] if len(told) > _MOST else []
    return [
        Finding(
            "workers-differ",
            message,
            notes=(
                *told[:_MOST],
                *more,
                "every worker needs the same spec, the same data and the same versions",
            ),
        )
    ]


def _short(value: str) -> str:
    return f"`{value}`" if len(value) <= _CUT else f"`{value[: _CUT - 1]}…`"
