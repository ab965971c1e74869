"""Generated specs train, and what they resolve to trains to the same weights, bit by bit."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from modelforge.findings import Diverged, Findings
from modelforge.loading import load_model
from modelforge.runs import RunFolder
from modelforge.train import train
from modelforge.train.prepare import prepare_model
from tests.generator.proof import read, surrounded
from tests.generator.spec import Made, make_spec


def weights(spec: Path, overrides: tuple[str, ...], folder: Path) -> list[np.ndarray] | None:
    """The weights that a run ends with; None where the loss is no number any more."""
    keras.backend.clear_session(free_memory=False)
    prepared = prepare_model(str(spec), overrides, Findings())
    run = RunFolder.create(folder, prepared.spec.name)
    try:
        train(prepared, run)
    except Diverged:
        return None
    return [np.asarray(weight) for weight in load_model(str(run.final)).get_weights()]


def trains_twice(made: Made, folder: Path) -> bool:
    """Whether training ended; raises AssertionError where the two runs differ."""
    read(made, folder)
    first = weights(folder / "spec.yaml", made.overrides, folder / "first")
    (resolved,) = (folder / "first").glob("**/resolved.yaml")
    second = weights(resolved, (), folder / "second")
    if first is None or second is None:
        assert first is second, "one run diverges, the other does not"
        return False
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        assert one.dtype == other.dtype and one.tobytes() == other.tobytes()
    return True


def proved(seed: int, folder: Path) -> bool:
    made = make_spec(seed, trainable=True)
    folder = folder / str(seed)
    folder.mkdir()
    try:
        with surrounded(made):
            return trains_twice(made, folder)
    except Exception as error:
        raise AssertionError(f"seed {seed}: {error}\n{made.whole}") from error


@pytest.mark.slow
def test_the_resolved_spec_trains_to_the_same_weights(tmp_path: Path) -> None:
    assert sum(proved(seed, tmp_path) for seed in range(4)) >= 2


@pytest.mark.long
@pytest.mark.parametrize("first", range(1000, 1060, 10))
def test_many_resolved_specs_train_to_the_same_weights(first: int, tmp_path: Path) -> None:
    assert sum(proved(seed, tmp_path) for seed in range(first, first + 10)) >= 6
