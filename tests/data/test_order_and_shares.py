"""Shares are stratified and seeded; the order is a function of seed and epoch; nothing leaks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelforge.data.order import epoch_order, permutation
from modelforge.data.split import divide

from .conftest import everything, opened, refused, section


def test_shares_keep_the_proportions_of_the_classes(tmp_path: Path) -> None:
    bundle, _ = opened(tmp_path, section("Iris", validation=0.2, test=0.1))
    counts = {
        name: np.bincount(everything(getattr(bundle, name))[1]).tolist()
        for name in ("train", "validation", "test")
    }
    assert counts == {"train": [35] * 3, "validation": [10] * 3, "test": [5] * 3}


@settings(deadline=None, max_examples=60)
@given(
    labels=st.lists(st.integers(0, 4), min_size=10, max_size=200),
    validation=st.floats(0.05, 0.45),
    test=st.floats(0.05, 0.45),
    seed=st.integers(0, 2**40),
)
def test_every_sample_lies_in_exactly_one_part(
    labels: list[int], validation: float, test: float, seed: int
) -> None:
    array = np.array(labels)
    parts = divide(len(array), array, {"validation": validation, "test": test}, seed)
    found = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(found.tolist()) == list(range(len(array)))
    assert set(array[parts.train]) == set(labels), "every class is trained on"


def test_the_test_share_does_not_depend_on_the_validation_share() -> None:
    first = divide(100, None, {"test": 0.2}, 3)
    second = divide(100, None, {"test": 0.2, "validation": 0.3}, 3)
    assert np.array_equal(first.test, second.test)


def test_the_seed_decides_the_shares() -> None:
    parts = [divide(100, None, {"validation": 0.2}, seed).validation for seed in (1, 1, 2)]
    assert np.array_equal(parts[0], parts[1])
    assert not np.array_equal(parts[0], parts[2])


def test_the_order_never_changes_between_releases() -> None:
    assert permutation(8, seed=7, stream=0).tolist() == [4, 1, 6, 3, 2, 7, 5, 0]


def test_the_order_is_a_function_of_seed_and_epoch(tmp_path: Path) -> None:
    bundle, _ = opened(tmp_path, section("Wine"))
    again, _ = opened(tmp_path, section("Wine"))
    assert np.array_equal(everything(bundle.train, 3)[0], everything(again.train, 3)[0])
    assert not np.array_equal(everything(bundle.train, 3)[0], everything(bundle.train, 4)[0])
    assert sorted(epoch_order(np.arange(9), 1, 5)) == list(range(9))


def test_an_epoch_can_begin_at_any_step(tmp_path: Path) -> None:
    bundle, _ = opened(tmp_path, section("Iris"))
    whole = [np.asarray(x) for x, _ in bundle.train.batches(2)]
    rest = [np.asarray(x) for x, _ in bundle.train.batches(2, first_step=17)]
    assert len(whole) == bundle.train.steps == 19
    assert len(rest) == 2
    assert all(np.array_equal(a, b) for a, b in zip(whole[17:], rest, strict=True))


@pytest.mark.parametrize("batch_size", [8, 10])  # 150 samples: the last batch has 6, or is full
def test_the_batches_of_several_epochs_are_those_of_each(batch_size: int, tmp_path: Path) -> None:
    bundle, _ = opened(tmp_path, section("Iris", batch_size=batch_size))
    several = [np.asarray(x) for x, _ in bundle.train.batches(1, first_step=4, epochs=3)]
    each = [
        np.asarray(x)
        for epoch, step in ((1, 4), (2, 0), (3, 0))
        for x, _ in bundle.train.batches(epoch, step)
    ]
    assert len(several) == 3 * bundle.train.steps - 4
    assert all(np.array_equal(a, b) for a, b in zip(several, each, strict=True))


def test_what_is_read_ahead_into_the_next_epoch_is_augmented_for_it(tmp_path: Path) -> None:
    import keras

    layers = [keras.layers.RandomTranslation(0.3, 0.3)]
    bundle, _ = opened(tmp_path, section("Digits", batch_size=500), augment=layers)
    several = [np.asarray(x) for x, _ in bundle.train.batches(2, first_step=3, epochs=2)]
    assert np.array_equal(np.concatenate(several[1:]), everything(bundle.train, 3)[0])


def test_without_shuffle_the_order_is_that_of_the_source(tmp_path: Path) -> None:
    bundle, _ = opened(tmp_path, section("Iris", shuffle=False))
    assert np.array_equal(everything(bundle.train)[1], np.repeat([0, 1, 2], 50))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (
            {"validation": 0.001},
            "share-is-empty: a share of 0.001 of 150 samples leaves `validation` empty",
        ),
        (
            {"validation": 0.6, "test": 0.5},
            "shares-leave-nothing: validation and test together take 1.1 of the training source",
        ),
        (
            {"batch_size": 151},
            "batch-larger-than-data: a batch of 151 is more than the 150 training samples "
            "there are",
        ),
    ],
)
def test_shares_and_batches_that_cannot_be(
    changed: dict[str, object], expected: str, tmp_path: Path
) -> None:
    assert refused(tmp_path, section("Iris", **changed)) == [expected]


def test_all_is_one_batch(tmp_path: Path) -> None:
    bundle, _ = opened(tmp_path, section("Iris", batch_size="all", validation=0.2))
    assert bundle.facts["steps_per_epoch"] == bundle.train.steps == 1
    assert next(iter(bundle.train.batches()))[0].shape == (120, 4)


PROCESS = """
import hashlib, sys
from pathlib import Path
import keras
from tests.data.conftest import everything, opened, section
data = section("Digits", validation=0.2, test=0.1, batch_size=64)
bundle, _ = opened(Path("."), data, augment=[keras.layers.RandomTranslation(0.2, 0.2)])
for split in (bundle.train, bundle.validation, bundle.test):
    for array in everything(split, epoch=3):
        print(hashlib.sha256(array.tobytes()).hexdigest())
"""


def test_two_processes_read_the_same(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    outcomes = []
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", PROCESS],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        outcomes.append(done.stdout.split())
    assert len(set(outcomes[0])) == 6
    assert outcomes[0] == outcomes[1]


def test_augmentation_is_for_training_only_and_repeatable(tmp_path: Path) -> None:
    import keras

    def open_augmented():  # type: ignore[no-untyped-def]
        layers = [keras.layers.RandomTranslation(0.3, 0.3), keras.layers.RandomFlip()]
        return opened(tmp_path, section("Digits", validation=0.2), augment=layers)[0]

    plain, _ = opened(tmp_path, section("Digits", validation=0.2))
    first, second = open_augmented(), open_augmented()
    augmented = everything(first.train, 1)[0]
    assert not np.array_equal(augmented, everything(plain.train, 1)[0])
    assert np.array_equal(augmented, everything(second.train, 1)[0])
    assert np.array_equal(everything(first.validation)[0], everything(plain.validation)[0])
    late = next(iter(first.train.batches(1, first_step=50)))[0]
    assert np.array_equal(late, augmented[400:408]), "resuming does not change the chance"
