"""The sources of data: one file per word, each from a request to Samples."""

from __future__ import annotations

from collections.abc import Callable

from modelforge.data.place import Request
from modelforge.data.samples import Samples
from modelforge.data.sources.bundled import FILES, read_bundled
from modelforge.data.sources.csv_file import read_csv
from modelforge.data.sources.image_folder import read_image_folder
from modelforge.data.sources.keras_dataset import read_keras_dataset
from modelforge.data.sources.npz import read_npz

# A reader takes the training source as `like` where it reads validation or test: classes and
# columns are then the training source's.
Reader = Callable[[Request, Samples | None], Samples | None]

READERS: dict[str, Reader] = {
    **dict.fromkeys(FILES, read_bundled),
    "ImageFolder": read_image_folder,
    "CSV": read_csv,
    "NPZ": read_npz,
    "KerasDataset": read_keras_dataset,
}


def read_source(request: Request, like: Samples | None = None) -> Samples | None:
    """The samples of a source; None where findings say why there are none."""
    return READERS[request.item.name](request, like)
