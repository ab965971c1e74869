"""The bundled sets: Digits, Iris, Wine, BreastCancer, Diabetes; nothing to download."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from modelforge.catalog.naming import MAIN
from modelforge.data.bundle import Tensor
from modelforge.data.feeds import ArrayFeed
from modelforge.data.place import Request
from modelforge.data.samples import Samples, Target, class_target, number_target
from modelforge.spec.targets import ONLY

FILES = {
    "Digits": "digits.npz",
    "Iris": "iris.npz",
    "Wine": "wine.npz",
    "BreastCancer": "breast_cancer.npz",
    "Diabetes": "diabetes.npz",
}
FOLDER = Path(__file__).parents[1] / "bundled"


def read_bundled(request: Request, like: Samples | None = None) -> Samples:
    """The samples of a bundled set."""
    name = request.item.name
    path = FOLDER / FILES[name]
    with np.load(path, allow_pickle=False) as stored:
        arrays = {key: stored[key] for key in stored.files}
    inputs, target = arrays["inputs"], arrays["target"]
    class_names = tuple(str(label) for label in arrays.get("class_names", ()))
    learned = number_target(target)
    if class_names:
        learned = Target(target.astype(np.int32), class_target(class_names), class_names)
    columns = [str(column) for column in arrays["columns"]]
    return Samples(
        size=len(inputs),
        feed=ArrayFeed({MAIN: inputs}),
        targets={ONLY: learned},
        tensors={MAIN: Tensor(inputs.shape[1:], "float32")},
        reading={"kind": "arrays", "inputs": {MAIN: list(inputs.shape[1:])}, "columns": columns},
        fingerprint=hashlib.sha256(path.read_bytes()).hexdigest(),
        origin={"source": name},
    )
