"""What the sets that ship with ModelForge and Keras hold: they never change, so it is told here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contents:
    """One set, or one part of it.

    shape: of one sample as a model sees it. counts: the samples of each class, in the order of
    the labels; empty where the target is a number.
    """

    shape: tuple[int, ...]
    size: int
    class_names: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()


def _classes(shape: tuple[int, ...], names: tuple[str, ...], *counts: int) -> Contents:
    return Contents(shape, sum(counts), names, counts)


def _numbered(shape: tuple[int, ...], *counts: int) -> Contents:
    return _classes(shape, tuple(str(number) for number in range(len(counts))), *counts)


BUNDLED: Mapping[str, Contents] = {
    "Digits": _numbered((8, 8, 1), 178, 182, 177, 183, 181, 182, 181, 179, 174, 180),
    "Iris": _classes((4,), ("setosa", "versicolor", "virginica"), 50, 50, 50),
    "Wine": _classes((13,), ("class_0", "class_1", "class_2"), 59, 71, 48),
    "BreastCancer": _classes((30,), ("malignant", "benign"), 212, 357),
    "Diabetes": Contents((10,), 442),
}

# By name and subset.
KERAS_DATASETS: Mapping[tuple[str, str], Contents] = {
    ("mnist", "train"): _numbered(
        (28, 28, 1), 5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949
    ),
    ("mnist", "test"): _numbered(
        (28, 28, 1), 980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009
    ),
    ("fashion_mnist", "train"): _numbered((28, 28, 1), *(6000,) * 10),
    ("fashion_mnist", "test"): _numbered((28, 28, 1), *(1000,) * 10),
    ("cifar10", "train"): _numbered((32, 32, 3), *(5000,) * 10),
    ("cifar10", "test"): _numbered((32, 32, 3), *(1000,) * 10),
    ("cifar100", "train"): _numbered((32, 32, 3), *(500,) * 100),
    ("cifar100", "test"): _numbered((32, 32, 3), *(100,) * 100),
    ("california_housing", "train"): Contents((8,), 16_512),
    ("california_housing", "test"): Contents((8,), 4_128),
}
