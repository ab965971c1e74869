"""What the tests of the data share: sections without a file, image folders, the real data."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelforge.findings import Findings, Source, Span
from modelforge.spec import DataSection, Object

REPOSITORY = Path(__file__).parents[2]
SPAN = Span(Source("test.yaml", "data"), 1, 1, 1, 5)


def section(word: str, arguments: dict[str, Any] | None = None, **changed: Any) -> DataSection:
    """A data section as the spec gives it; `changed` are keys beside `train`."""
    given: dict[str, Any] = {
        "validation": None,
        "test": None,
        "batch_size": 8,
        "shuffle": True,
        "seed": 7,
        "augment": (),
        "cache": "auto",
        **changed,
    }
    return DataSection(train=source(word, arguments), span=SPAN, **given)


def source(word: str, arguments: dict[str, Any] | None = None) -> Object:
    """A source as the spec gives it."""
    return Object("source", word, arguments or {}, SPAN)


def feature(word: str, **arguments: Any) -> Object:
    """A feature word as the spec gives it."""
    return Object("feature", word, arguments, SPAN)


def opened(root: Path, data: DataSection, **rest: Any) -> Any:
    """The bundle and the findings of a section that opens."""
    from modelforge.data import open_data

    findings = Findings()
    return open_data(data, root, findings, **rest), findings


def refused(root: Path, data: DataSection) -> list[str]:
    """The rules and messages of a section that does not open."""
    from modelforge.data import open_data
    from modelforge.findings import Refused

    with pytest.raises(Refused) as caught:
        open_data(data, root, Findings())
    return [
        f"{found.rule}: {found.message}"
        for found in caught.value.findings
        if found.severity == "error"
    ]


def everything(split: Any, epoch: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """All inputs and targets of a split."""
    batches = [(np.asarray(x), np.asarray(y)) for x, y in split.batches(epoch)]
    return np.concatenate([x for x, _ in batches]), np.concatenate([y for _, y in batches])


def write_image(path: Path, pixels: np.ndarray) -> None:
    """Writes an image in the format that the name says."""
    import tensorflow as tf

    path.parent.mkdir(parents=True, exist_ok=True)
    encode = tf.io.encode_png if path.suffix == ".png" else tf.io.encode_jpeg
    path.write_bytes(encode(pixels).numpy())


@pytest.fixture
def images(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of PNG images, one colour for each class."""

    def make(counts: dict[str, int], size: tuple[int, int] = (6, 5)) -> Path:
        for label, (name, count) in enumerate(counts.items()):
            (tmp_path / "images" / name).mkdir(parents=True, exist_ok=True)
            for number in range(count):
                pixels = np.full((*size, 3), 40 * label + number, dtype=np.uint8)
                write_image(tmp_path / "images" / name / f"{number}.png", pixels)
        return tmp_path

    return make


@pytest.fixture
def real_data() -> Path:
    """The folder of real data beside the checkout."""
    default = REPOSITORY.parent / "shared" / "data"
    folder = Path(os.environ.get("MODELFORGE_SHARED_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"the real data sets are not at {folder} (MODELFORGE_SHARED_DATA names it)")
    return folder
