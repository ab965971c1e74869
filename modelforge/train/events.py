"""TensorBoard events, written by TensorFlow alone: the package tensorboard is not needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from modelforge.runs.history import NOT_VALUES


class Events:
    """Writes each epoch's values, as Keras's TensorBoard callback names them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[str, Any] = {}

    def add(self, epochs: int, values: Mapping[str, float]) -> None:
        """The values after so many epochs."""
        for name, value in values.items():
            part = "validation" if name.startswith("val_") else "train"
            with self._writer(part).as_default():
                tf.summary.write(
                    f"epoch_{name.removeprefix('val_')}",
                    tf.constant(np.float32(value)),
                    step=np.int64(epochs - 1),
                    metadata=_scalar(),
                )
        for writer in self._writers.values():
            writer.flush()

    def begin_again(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """The epochs that a resumed run has behind it, and no others: those done again would stand
        there twice. TensorFlow's writer cannot take back what it has written, so it is new files.

        rows: of the history.
        """
        self.close()
        self._writers = {}
        for path in self._folder.glob("*/events.out.tfevents.*"):
            path.unlink()
        for row in rows:
            values = {name: it for name, it in row.items() if name not in NOT_VALUES}
            self.add(int(row["epoch"]), values)

    def close(self) -> None:
        """Ends the files."""
        for writer in self._writers.values():
            writer.close()

    def _writer(self, part: str) -> Any:
        if part not in self._writers:
            self._writers[part] = tf.summary.create_file_writer(str(self._folder / part))
        return self._writers[part]


def _scalar() -> Any:
    """What tells TensorBoard's scalars page that a tensor is a scalar.

    `tf.summary.scalar` would write the same, but is imported from the package tensorboard.
    """
    metadata = tf.compat.v1.SummaryMetadata()
    metadata.plugin_data.plugin_name = "scalars"
    metadata.data_class = 1  # DATA_CLASS_SCALAR
    return metadata
