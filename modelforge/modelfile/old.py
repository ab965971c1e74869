"""A whole model in the old format, HDF5 of Keras 1 and 2 (Keras 3 writes it, too, when asked)."""

from __future__ import annotations

import os

from modelforge.modelfile.archive import MAX_CONFIG, Archive
from modelforge.modelfile.doubts import Doubts
from modelforge.modelfile.hdf5 import NoHDF5, root_text

OLD = (".h5", ".hdf5")  # how the names of such files end
_CONFIGURATION = "model_config"


def read_old(path: str, doubts: Doubts) -> Archive | None:
    """The configuration in a file, and the file's size; None after a finding."""
    try:
        with open(path, "rb") as file:
            found = root_text(file, _CONFIGURATION, MAX_CONFIG)
        if found is not None:
            return Archive(found, os.path.getsize(path))
    except NoHDF5 as reason:
        doubts.say(
            "model-archive",
            f"it is not the HDF5 that Keras writes: {reason}",
            "open it in Python with the Keras that wrote it, and save it as `.keras`",
        )
        return None
    except OSError as error:
        doubts.say("model-archive", f"it cannot be read: {error.strerror or error}")
        return None
    doubts.say("model-kind", "it holds weights without a model", *WEIGHTS_ALONE)
    return None


WEIGHTS_ALONE = (
    "the whole model in one file: `model.save('model.keras')`",
    "for a network of keras.applications name it beside it: `VGG16: {weights: FILE}`",
    "for layers that the spec has itself: `model: {weights: FILE, layers: [...]}`",
)
