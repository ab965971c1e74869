"""KerasDataset: a set of keras.datasets, downloaded once and kept in Keras's own cache."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import keras
import numpy as np

from modelforge.catalog.naming import MAIN
from modelforge.data.feeds import ArrayFeed
from modelforge.data.place import Request
from modelforge.data.samples import Samples, Target, class_target, number_target
from modelforge.data.sources.npz import as_input, tensor_of
from modelforge.spec.targets import ONLY

# Where keras.datasets keeps each set within its cache, for the message when it is not there.
FILES = {
    "mnist": "mnist.npz",
    "fashion_mnist": "fashion-mnist",
    "cifar10": "cifar-10-batches-py",
    "cifar100": "cifar-100-python",
    "california_housing": "california_housing.npz",
}


def read_keras_dataset(request: Request, like: Samples | None = None) -> Samples | None:
    """The samples of one of the two parts of a set."""
    name = str(request.get("name")).lower()
    parts = _load(name, request)
    if parts is None:
        return None
    array, target = parts[0 if request.get("subset", "train").lower() == "train" else 1]
    inputs = as_input(array if array.ndim != 3 else array[..., np.newaxis])
    return Samples(
        size=len(inputs),
        feed=ArrayFeed({MAIN: inputs}),
        targets={ONLY: _target(target)},
        tensors={MAIN: tensor_of(inputs)},
        reading={"kind": "arrays", "inputs": {MAIN: list(inputs.shape[1:])}},
        fingerprint=hashlib.sha256(np.ascontiguousarray(inputs).tobytes()).hexdigest(),
    )


def _target(target: np.ndarray) -> Target:
    flat = target.reshape(len(target))
    if flat.dtype.kind == "f":
        return number_target(flat)
    labels = flat.astype(np.int32)
    names = tuple(str(number) for number in range(int(labels.max()) + 1))
    return Target(labels, class_target(names), names)


def _load(name: str, request: Request) -> Any:
    try:
        return getattr(keras.datasets, name).load_data()
    except Exception as error:  # whatever the download raises: URLError, OSError, ValueError ...
        where = _cache() / FILES[name]
        request.error(
            "cannot-download",
            f"`{name}` is not in Keras's cache and cannot be downloaded",
            "name",
            notes=(
                f"it would be found at {where}",
                str(error).splitlines()[0][:200] if str(error) else type(error).__name__,
                "copy it there from a machine with a network, or use a bundled set (`Digits`)",
            ),
        )
        return None


def _cache() -> Path:
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "datasets"
