"""The names of layers and inputs that have none: Keras's for layers, ours for an input."""

from __future__ import annotations

import re
from collections.abc import Container

MAIN = "input"  # the only input of a model whose spec declares none


def snake_case(name: str) -> str:
    """Keras's rule: `Conv2D` is conv2d, `BatchNormalization` is batch_normalization.

    Of a function it takes the last name: `ops.image.resize` is resize.
    """
    name = name.rpartition(".")[2]
    name = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def free_name(stem: str, taken: Container[str], numbers: dict[str, int]) -> str:
    """`dense`, `dense_1`, `dense_2` ... whichever is the first that nobody bears.

    numbers: the last number given to each stem, kept from call to call, so that naming many
    layers takes time in proportion to them.
    """
    name = stem
    while name in taken:
        numbers[stem] = numbers.get(stem, 0) + 1
        name = f"{stem}_{numbers[stem]}"
    return name
