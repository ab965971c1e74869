"""Writes modelforge/data/bundled/*.npz from scikit-learn's own copies; run by hand, once.

python tests/data/make_bundled.py [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sklearn import datasets

BUNDLED = Path(__file__).parents[2] / "modelforge" / "data" / "bundled"


def arrays(name: str) -> dict[str, np.ndarray]:
    """What is stored of scikit-learn's set `name`: inputs, target and the names of both."""
    found = getattr(datasets, f"load_{name}")()
    if name == "digits":  # counts of ink from 0 to 16, so that a byte holds a pixel
        inputs = found.images[..., np.newaxis].astype(np.uint8)
        columns = np.array([], dtype="U1")
    else:
        inputs = found.data.astype(np.float32)
        columns = np.array([str(column) for column in found.feature_names])
    if name == "diabetes":
        return {"inputs": inputs, "target": found.target.astype(np.float32), "columns": columns}
    classes = np.array([str(label) for label in found.target_names])
    target = found.target.astype(np.uint8)
    return {"inputs": inputs, "target": target, "columns": columns, "class_names": classes}


def main(folder: Path) -> None:
    """Writes every set and prints its size."""
    for name in ("digits", "iris", "wine", "breast_cancer", "diabetes"):
        path = folder / f"{name}.npz"
        np.savez_compressed(path, **arrays(name))
        print(f"{path.name:20} {path.stat().st_size:7,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else BUNDLED)
