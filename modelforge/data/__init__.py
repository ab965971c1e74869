"""Sources become tf.data pipelines and the facts that a spec may use."""

from modelforge.data.bundle import Bundle, Split, TargetKind, Tensor
from modelforge.data.open import open_data
from modelforge.data.reading import (
    decode_bytes,
    decode_images,
    read_arrays,
    read_rows,
    rebuild_preprocessing,
)

__all__ = [
    "Bundle",
    "Split",
    "TargetKind",
    "Tensor",
    "decode_bytes",
    "decode_images",
    "open_data",
    "read_arrays",
    "read_rows",
    "rebuild_preprocessing",
]
