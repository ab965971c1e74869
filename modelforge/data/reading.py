"""New data read exactly as the training data was: all that this needs is the manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from modelforge.data.decoding import decode_files
from modelforge.data.features.feature import Learned
from modelforge.data.features.model import preprocessing_model
from modelforge.data.features.raw import raw_column
from modelforge.data.images import ImageReading, decode
from modelforge.findings import Finding, Refused, did_you_mean, listed, refuse
from modelforge.sniff.image import Unreadable, read_header
from modelforge.sniff.table import Table, read_table


def decode_images(paths: Sequence[str | Path], manifest: Mapping[str, Any]) -> np.ndarray:
    """Images as the model takes them, float32 [n, height, width, channels].

    Refused names every one that cannot be read. All of them are in memory at once: call it with
    as many paths as make a batch.
    """
    reading = image_reading(manifest)
    bad = []
    for path in paths:
        try:
            read_header(Path(path))
        except Unreadable as error:
            bad.append(f"{path} {error}")
    images, failures = (np.empty(0), []) if bad else decode_files([str(p) for p in paths], reading)
    bad += [f"{paths[number]}: {why}" for number, why in failures]
    if bad:
        raise Refused([Finding("unreadable-image", f"{line}") for line in bad])
    return images.astype(np.float32)


def decode_bytes(contents: Any, manifest: Mapping[str, Any]) -> Any:
    """TensorFlow operations from a scalar string tensor, the bytes of a file, to one image.

    The image is float32 [height, width, channels]; an exported model can hold these operations.
    """
    import tensorflow as tf

    return tf.cast(decode(contents, image_reading(manifest)), tf.float32)


def image_reading(manifest: Mapping[str, Any]) -> ImageReading:
    """How the images of a run were read; Refused where it was not trained on image files."""
    reading = manifest["reading"]
    if reading["kind"] != "images":
        raise refuse(
            "not-an-image-model",
            "this run was not trained on image files",
            notes=(f"it was trained on {_describe(reading)}",),
        )
    return ImageReading.from_plain(reading)


def read_rows(path: str | Path, manifest: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The raw columns [rows, 1] of a CSV, as the preprocessing takes them; it needs no target."""
    reading = manifest["reading"]
    if reading["kind"] != "table":
        raise refuse(
            "not-a-table-model",
            "this run was not trained on a CSV file",
            notes=(f"it was trained on {_describe(reading)}",),
        )
    learned = [Learned.from_plain(plain) for plain in reading["features"]]
    table = _table(Path(path), reading["delimiter"], [item.column for item in learned])
    missing = frozenset(reading["missing_values"])
    found: list[Finding] = []

    def parse(item: Learned) -> np.ndarray:
        def misfit(row: int, value: str, expected: str) -> None:
            line = table.lines[row]
            message = f"column `{item.column}` has `{value[:40]}` in line {line} of {path}"
            found.append(Finding("wrong-value", f"{message}, expected {expected}"))

        return raw_column(item.feature, table.columns[item.column], missing, misfit)

    columns = {item.column: parse(item) for item in learned}
    if found:
        raise Refused(found[:10])
    return columns


def rebuild_preprocessing(manifest: Mapping[str, Any]) -> Any:
    """The keras.Model from raw columns to the model's input; None where there is none."""
    reading = manifest["reading"]
    if reading["kind"] != "table":
        return None
    return preprocessing_model([Learned.from_plain(plain) for plain in reading["features"]])


def read_arrays(path: str | Path, manifest: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The inputs of an .npz or .npy file by input name, checked against the trained shapes."""
    from modelforge.data.sources.npz import as_input

    reading = manifest["reading"]
    shapes: Mapping[str, list[int]] = reading.get("inputs", {})
    names = reading.get("arrays", {name: name for name in shapes})
    try:
        loaded = np.load(path, allow_pickle=False)
        arrays = {"": loaded} if isinstance(loaded, np.ndarray) else {n: loaded[n] for n in loaded}
    except (ValueError, OSError, EOFError) as error:
        raise refuse("unreadable-archive", f"{path} cannot be read: {error}") from error
    found = {}
    for name, shape in shapes.items():
        array = arrays.get(names[name], arrays.get(name))
        if array is None and len(arrays) == len(shapes) == 1:
            array = next(iter(arrays.values()))
        if array is None:
            raise refuse(
                "unknown-array",
                f"there is no array `{names[name]}` in {path}",
                hint=did_you_mean(names[name], arrays),
            )
        if list(array.shape[1:]) != shape:
            raise refuse(
                "wrong-shape",
                f"the samples of {path} have shape {list(array.shape[1:])}, "
                f"the model takes {shape}",
            )
        kept = as_input(array)
        found[name] = kept.astype(np.float32) if kept.dtype == np.uint8 else kept
    return found


def _table(path: Path, delimiter: str, columns: Sequence[str]) -> Table:
    if not path.is_file():
        raise refuse("path-not-found", f"there is no file {path}")
    found: list[Finding] = []
    table = read_table(path, delimiter, lambda rule, text: found.append(Finding(rule, text)))
    if table is None:
        raise Refused(found)
    absent = [name for name in columns if name not in table.columns]
    if absent:
        raise Refused(
            [
                Finding(
                    "unknown-column",
                    f"{path} lacks column `{name}`, which the model takes",
                    hint=did_you_mean(name, table.columns),
                    notes=(f"columns of the file: {listed(table.columns)}",),
                )
                for name in absent
            ]
        )
    return table


def _describe(reading: Mapping[str, Any]) -> str:
    kinds = {"images": "a folder of images", "table": "a CSV file", "arrays": "arrays"}
    return kinds[reading["kind"]]
