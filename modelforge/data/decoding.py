"""Decoding many image files, with the name of each one that fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from modelforge.data.images import ImageReading, decode

Failures = list[tuple[int, str]]  # the number of a file and why it cannot be read


def decode_files(paths: Sequence[str], reading: ImageReading) -> tuple[np.ndarray, Failures]:
    """The images as bytes [n, height, width, channels]; the place of a failed one is left black."""
    images = np.zeros((len(paths), *reading.shape), dtype=np.uint8)

    def keep(number: int, image: np.ndarray) -> None:
        images[number] = image

    return images, _visit(paths, reading, keep)


def check_files(paths: Sequence[str], reading: ImageReading) -> Failures:
    """The failures alone, for folders that are too large to be kept in memory."""
    return _visit(paths, reading, None)


def _visit(
    paths: Sequence[str], reading: ImageReading, keep: Callable[[int, np.ndarray], None] | None
) -> Failures:
    names = tf.constant([os.fsencode(path) for path in paths], dtype=tf.string)

    def read(number: Any) -> Any:
        image = decode(tf.io.read_file(names[number]), reading)
        # A decoded image that nobody keeps need not be copied out of TensorFlow.
        return image if keep else tf.reduce_max(image)

    reader = tf.function(read)
    failures: Failures = []
    start = 0
    while start < len(paths):
        reached = _run(reader, start, len(paths), keep)
        if reached < len(paths):
            failures.append((reached, _reason(paths[reached], reading)))
        start = reached + 1
    return failures


def _run(reader: Any, start: int, end: int, keep: Callable[[int, np.ndarray], None] | None) -> int:
    """Decodes from `start` on; gives the number of the first image that failed, or `end`."""
    dataset = tf.data.Dataset.range(start, end).map(
        reader, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
    )
    at = start
    try:
        for image in dataset.as_numpy_iterator():
            if keep:
                keep(at, image)
            at += 1
    except tf.errors.OpError:
        return at
    return at


def _reason(path: str, reading: ImageReading) -> str:
    try:
        decode(tf.io.read_file(os.fsencode(path)), reading)
    except tf.errors.OpError as error:
        return str(error.message).split("[Op:")[0].split("}} ")[-1].strip()[:200]
    return "cannot be decoded"
