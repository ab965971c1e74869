"""The names that Keras gives to layers that have none."""

from __future__ import annotations

import re
from collections.abc import Container


def snake_case(name: str) -> str:
    """Keras's rule: `Conv2D` is conv2d, `BatchNormalization` is batch_normalization."""
    name = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def free_name(stem: str, taken: Container[str]) -> str:
    """The name itself, or with the first number that makes it a new one."""
    if stem not in taken:
        return stem
    number = 1
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"
