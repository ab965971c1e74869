"""Every rule against Keras itself, over a grid of arguments and shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.graph.shapes.against_keras import Case, disagreement
from tests.graph.shapes.grids import GRIDS

FAST = 150  # cases of each grid that run every time; the whole grids are slow


@pytest.mark.parametrize("grid", GRIDS, ids=lambda grid: grid.__name__)
def test_a_share_of_the_grid_agrees_with_keras(grid: Callable[[], Iterator[Case]]) -> None:
    cases = list(grid())
    step = max(1, len(cases) // FAST)
    found = [text for case in cases[::step] if (text := disagreement(case))]
    assert not found, f"{len(found)} of {len(cases)}:\n" + "\n".join(found[:5])


@pytest.mark.slow
@pytest.mark.parametrize("grid", GRIDS, ids=lambda grid: grid.__name__)
def test_the_whole_grid_agrees_with_keras(grid: Callable[[], Iterator[Case]]) -> None:
    cases = list(grid())
    found = [text for case in cases if (text := disagreement(case))]
    assert not found, f"{len(found)} of {len(cases)}:\n" + "\n".join(found[:5])
