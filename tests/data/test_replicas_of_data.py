"""What each replica is given is its part of the batches that one process would have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from modelforge.data.bundle import Split
from modelforge.data.replicas import Replicas, batch_sizes, bounds, divided

from .conftest import opened, section


def parts(split: Split, workers: int, here: int, epoch: int = 1, step: int = 0) -> Any:
    """For each step and each replica of all workers: rows, of, inputs, targets."""
    steps: list[list[Any]] = [[] for _ in range(split.steps - step)]
    sizes = batch_sizes(split.size, split.batch_size, step)
    for worker in range(workers):
        replicas = Replicas(workers * here, worker * here, here)
        read = split.batches(epoch, step, replicas)
        given = divided(read, sizes, replicas, whole=split.whole or replicas.all_here)
        elements = list(given.as_numpy_iterator())
        assert len(elements) == len(steps) * here
        for number, ((rows, of), (inputs, targets)) in enumerate(elements):
            steps[number // here].append((rows, of, inputs, targets))
    return steps


def check(split: Split, workers: int, here: int, step: int = 0) -> None:
    """The parts of all replicas, joined, are the batches."""
    whole = list(split.batches(1, step).as_numpy_iterator())
    found = parts(split, workers, here, 1, step)
    for (inputs, targets), given in zip(whole, found, strict=True):
        assert [len(part[2]) for part in given] == [part[0] for part in given]
        assert {part[1] for part in given} == {len(inputs)}
        np.testing.assert_array_equal(np.concatenate([part[2] for part in given]), inputs)
        np.testing.assert_array_equal(np.concatenate([part[3] for part in given]), targets)


def test_the_first_replicas_have_a_sample_more() -> None:
    assert bounds(5, 2).tolist() == [0, 3, 5]
    assert bounds(11, 4).tolist() == [0, 3, 6, 9, 11]
    assert bounds(1, 3).tolist() == [0, 1, 1, 1]


@pytest.mark.parametrize(("workers", "here"), [(1, 1), (1, 2), (2, 1), (3, 1), (2, 2)])
def test_rows_of_arrays(workers: int, here: int, tmp_path: Path) -> None:
    # 120 samples in batches of 17: the last one holds a single sample.
    bundle, _ = opened(tmp_path, section("Iris", validation=0.2, batch_size=17))
    check(bundle.train, workers, here)
    check(bundle.train, workers, here, step=5)
    check(bundle.validation, workers, here)


def test_rows_of_several_epochs(tmp_path: Path) -> None:
    bundle, _ = opened(tmp_path, section("Iris", validation=0.2, batch_size=17))
    split, replicas = bundle.train, Replicas(2, 1, 1)
    sizes = np.roll(batch_sizes(split.size, split.batch_size), -5)
    several = divided(split.batches(1, 5, replicas, 2), sizes, replicas, whole=False)
    found = [(rows, of) for (rows, of), _ in several.as_numpy_iterator()]
    assert found == [(8, 17)] * 2 + [(0, 1)] + [(8, 17)] * 7 + [(0, 1)]
    each = [*split.batches(1, 5, replicas), *split.batches(2, 0, replicas)]
    given = [inputs for _, (inputs, _) in several.as_numpy_iterator()]
    assert all(np.array_equal(a, b[0]) for a, b in zip(given, each, strict=True))


def test_a_last_batch_alone_that_is_smaller_than_the_workers(tmp_path: Path) -> None:
    bundle, _ = opened(tmp_path, section("Iris", validation=0.2, batch_size=17))
    check(bundle.train, workers=3, here=1, step=7)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_files(workers: int, images: Callable[..., Path]) -> None:
    root = images({"dog": 5, "cat": 5})
    bundle, _ = opened(root, section("ImageFolder", {"path": "images"}, batch_size=3))
    check(bundle.train, workers, here=1)


@pytest.mark.parametrize("by", ["sample", "batch"])
def test_augmentation_is_that_of_the_whole_batch(by: str, images: Callable[..., Path]) -> None:
    root = images({"dog": 5, "cat": 5})
    data = section("ImageFolder", {"path": "images"}, batch_size=4, augment_by=by)
    bundle, _ = opened(root, data, augment=[keras.layers.RandomBrightness(0.5, (0, 255))])
    assert bundle.train.whole == (by == "batch")
    check(bundle.train, workers=2, here=1)
    check(bundle.train, workers=1, here=2)


def test_a_worker_reads_no_file_of_another(images: Callable[..., Path]) -> None:
    root = images({"dog": 6, "cat": 6})
    data = section("ImageFolder", {"path": "images"}, batch_size=4, shuffle=False, cache="none")
    bundle, _ = opened(root, data)
    first = bundle.train.batches(0, 0, Replicas(2, 0, 1))
    for number in range(6):  # of cat, cat, cat, cat the second worker has the last two, and so on
        if number % 4 > 1:
            (root / "images" / "cat" / f"{number}.png").unlink()
    assert [len(batch[1]) for batch in first.take(1)] == [2]


def test_to_fill_a_smaller_last_batch_no_file_is_read(images: Callable[..., Path]) -> None:
    root = images({"dog": 3, "cat": 2})
    data = section("ImageFolder", {"path": "images"}, batch_size=4, shuffle=False, cache="none")
    bundle, _ = opened(root, data)
    for path in (root / "images" / "cat").iterdir():
        path.unlink()
    with pytest.raises(tf.errors.NotFoundError):
        next(iter(bundle.train.batches()))
    assert [len(labels) for _, labels in bundle.train.batches(0, 1, None, 1)] == [1]
