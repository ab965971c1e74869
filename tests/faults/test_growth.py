"""A long run needs no more memory than a short one."""

from __future__ import annotations

from pathlib import Path

import pytest

from faults.growth import sizes


@pytest.mark.slow
def test_memory_does_not_grow_with_the_epochs(specs: dict[str, Path], tmp_path: Path) -> None:
    # benchmarks/memory_growth.py runs a thousand epochs; here, 10 MiB in 200 would show as well.
    found = sizes(specs["recurrent"], tmp_path / "run", [100, 300])
    assert found[300] - found[100] < 10, found
