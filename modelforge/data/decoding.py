"""Decoding many image files, with the name of each one that fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from modelforge.data.images import ImageReading, Known, decode

Failures = list[tuple[int, str]]  # the number of a file and why it cannot be read


def decode_files(
    paths: Sequence[str],
    reading: ImageReading,
    skip: Collection[int] = (),
    known: Known | None = None,
) -> tuple[np.ndarray, Failures]:
    """The images as bytes [n, height, width, channels]; the place of a failed one is left black.

    skip: numbers of files that are known to be unreadable, or too large to be decoded. known: of
    all the others.
    """
    images = np.zeros((len(paths), *reading.shape), dtype=np.uint8)

    def keep(number: int, image: np.ndarray) -> None:
        images[number] = image

    return images, _visit(paths, (reading, known), keep, skip)


def check_files(
    paths: Sequence[str],
    reading: ImageReading,
    skip: Collection[int] = (),
    known: Known | None = None,
) -> Failures:
    """The failures alone, for folders that are too large to be kept in memory."""
    return _visit(paths, (reading, known), None, skip)


def _visit(
    paths: Sequence[str],
    how: tuple[ImageReading, Known | None],
    keep: Callable[[int, np.ndarray], None] | None,
    skip: Collection[int],
) -> Failures:
    names = tf.constant([os.fsencode(path) for path in paths], dtype=tf.string)

    def read(number: Any) -> Any:
        image = decode(tf.io.read_file(names[number]), *how)
        # A decoded image that nobody keeps need not be copied out of TensorFlow.
        return image if keep else tf.reduce_max(image)

    reader = tf.function(read)
    failures: Failures = []
    todo = np.array([n for n in range(len(paths)) if n not in skip], dtype=np.int64)
    start = 0
    while start < len(todo):
        start += _run(reader, todo[start:], keep)
        if start < len(todo):
            failed = int(todo[start])
            failures.append((failed, _reason(paths[failed], how[0])))
        start += 1
    return failures


def _run(reader: Any, todo: np.ndarray, keep: Callable[[int, np.ndarray], None] | None) -> int:
    """Decodes one after the other; gives how many were decoded before the first that failed."""
    dataset = tf.data.Dataset.from_tensor_slices(todo).map(
        reader, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
    )
    done = 0
    try:
        for image in dataset.as_numpy_iterator():
            if keep:
                keep(int(todo[done]), image)
            done += 1
    except tf.errors.OpError:
        return done
    return done


def _reason(path: str, reading: ImageReading) -> str:
    try:
        decode(tf.io.read_file(os.fsencode(path)), reading)
    except tf.errors.OpError as error:
        return str(error.message).split("[Op:")[0].split("}} ")[-1].strip()[:200]
    return "cannot be decoded"
