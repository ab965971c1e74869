"""`deterministic: true`: the same run twice is the same to the last bit."""

from __future__ import annotations

from pathlib import Path

import pytest

from faults.outcome import differences
from faults.repeats import repeats


@pytest.mark.slow
@pytest.mark.parametrize("replicas", [1, 2])
def test_two_runs_are_equal_to_the_last_bit(
    replicas: int, specs: dict[str, Path], tmp_path: Path
) -> None:
    one, other = repeats(specs["convolutions"], tmp_path, 2, replicas)
    assert not differences(one, other)
