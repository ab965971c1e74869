"""Which layers are tried on which dtypes: of each word, cases from the grids of shapes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from modelforge.graph.shapes.known import Result
from tests.graph.dtypes.against_keras import DTYPES, POLICIES, Typed
from tests.graph.shapes.against_keras import Case, ours
from tests.graph.shapes.grids import GRIDS


@cache
def by_word() -> dict[str, list[Case]]:
    """The first and the last case of each word that Keras accepts."""
    found: dict[str, list[Case]] = {}
    for grid in GRIDS:
        for case in grid():
            if isinstance(ours(case), Result) and all(map(_is_full, case.shapes)):
                found.setdefault(case.word, []).append(case)
    return {word: cases[:1] + cases[1:][-1:] for word, cases in found.items()}


def _is_full(shape: tuple[int | None, ...]) -> bool:
    return all(shape) and None not in shape


def typed(word: str) -> Iterator[Typed]:
    """Every policy over floats, whole numbers, bools and texts; every dtype under two policies."""
    for case in by_word()[word]:
        for policy in POLICIES:
            thorough = policy in ("float32", "mixed_bfloat16")
            for dtype in DTYPES if thorough else ("float32", "float16", "int32", "string"):
                yield Typed(case, (dtype,) * len(case.shapes), policy)
        if len(case.shapes) > 1:
            rest = len(case.shapes) - 2
            for first in ("float32", "int32", "bool", "string"):
                for second in ("float32", "uint8", "string"):
                    yield Typed(case, (first, second, *(second,) * rest))
