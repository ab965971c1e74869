"""What layers give in a model that runs, where Keras 3.15.1 says something else beforehand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from modelforge.graph.shapes import dense, features, images, pooling
from modelforge.graph.shapes.arguments import Arguments
from modelforge.graph.shapes.known import Result


def _adaptive() -> dict[str, Callable[[Arguments], Result]]:
    return {
        f"Adaptive{what}Pooling{number}D": partial(pooling.pool_to_running, dimensions=number)
        for what in ("Average", "Max")
        for number in (1, 2, 3)
    }


RUNNING: dict[str, Callable[[Arguments], Result]] = {
    **_adaptive(),
    "Discretization": features.discretized_running,
    "EinsumDense": dense.einsum_dense_running,
    "Hashing": features.hashing_running,
    "RandomCrop": images.cropped,
}
