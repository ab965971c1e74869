"""Weights from a file into a model: matched by the names of layers and by shape, with a report."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import h5py
import keras
import numpy as np

from modelforge.findings import Findings, Span, counted, listed, refuse
from modelforge.loading.part import stored_member
from modelforge.loading.stored import Key, stored
from modelforge.loading.weights import RULE, check_weights
from modelforge.modelfile import Doubts, inspect
from modelforge.modelfile.archive import WEIGHTS

MISFIT = "weights-misfit"
_NAMED = 6  # weights of each sort that a message names


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the weights of a model and of those in a file, by path name (`head/kernel`).

    matched: read from the file. missing: of the model, and not in the file. unexpected: in the
    file, and not of the model. mismatched: in both with different shapes, which stand behind the
    name.
    """

    matched: tuple[str, ...]
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    mismatched: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether every weight had its counterpart."""
        return not (self.missing or self.unexpected or self.mismatched)

    def lines(self) -> list[str]:
        """A line for each sort, the empty ones left out."""
        sorts = {
            "matched": (self.matched, "read from the file"),
            "missing": (self.missing, "not in the file, left as they were"),
            "unexpected": (self.unexpected, "in the file, and nowhere in the model"),
            "mismatched": (self.mismatched, "of another shape in the file, left as they were"),
        }
        return [
            f"{counted(len(names), 'weight')} {sort} ({told})"
            + (f": {listed(names, _NAMED)}" if sort != "matched" else "")
            for sort, (names, told) in sorts.items()
            if names
        ]


def load_weights(
    model: keras.Model, path: str, span: Span | None = None, *, partial: bool = False
) -> Report:
    """Reads the weights of a model from a file of Keras; raises Refused.

    path: `.weights.h5`, `.keras` (or a run folder: its best model), or `.h5` of Keras before 3.
    partial: whether some may be missing, unexpected, or of another shape; the model keeps its own.
    """
    doubts = Doubts(path, Findings(), span)
    with _opened(path, doubts) as root:
        found = stored(root)
        own = _legacy_places(model) if found.legacy else _places(model)
        shapes = {key: tuple(array.shape) for key, array in found.arrays.items()}
        matched = [key for key in own if shapes.get(key) == own[key][1]]
        report = _report(own, shapes, matched)
        _check(report, path, span, partial=partial)
        values = {key: _read(found.arrays[key], own[key][0], doubts) for key in matched}
        doubts.findings.stop_on_errors()
    if found.legacy:
        for key, value in values.items():
            own[key][2].assign(value)
    else:
        _write(model, values)
    return report


# The name that a report uses, the shape, and for legacy files the variable.
_Places = Mapping[Key, tuple[str, tuple[int, ...], Any]]


def _legacy_places(model: keras.Model) -> _Places:
    found: dict[Key, tuple[str, tuple[int, ...], Any]] = {}
    for layer in model.layers:
        # As Keras itself wrote them.
        for number, weight in enumerate(_in_order(layer)):
            within = weight.path.removeprefix(f"{layer.name}/")
            found[layer.name, str(number)] = (f"{layer.name}/{within}", tuple(weight.shape), weight)
    return found


def _in_order(layer: keras.layers.Layer) -> list[Any]:
    """The weights of a layer as Keras wrote them before 3: first all those that are trained.

    What is frozen now was not when the file was written.
    """
    states = [(it, it.trainable) for it in _walk(layer)]
    for it, _ in states:  # each: TensorFlow ignores what sets an attribute to what it is
        it.trainable = True
    found = [*layer.trainable_weights, *layer.non_trainable_weights]
    for it, trainable in states:
        it.trainable = trainable
    return found


def _walk(layer: Any) -> Iterator[Any]:
    yield layer
    for inner in getattr(layer, "layers", ()):
        yield from _walk(inner)


def _places(model: keras.Model) -> _Places:
    """The same as Keras 3 would save it; only so can be told what it calls each weight."""
    with _saved(model) as path, h5py.File(path, "r") as root:
        arrays = stored(root).arrays
        return {
            key: (_spoken(model, key), tuple(array.shape), None) for key, array in arrays.items()
        }


def _spoken(model: Any, key: Key) -> str:
    """`backbone/conv/kernel`; the number of the weight where its name cannot be told."""
    layer: Any = model
    for name in key[:-1]:
        inside = {it.name: it for it in getattr(layer, "layers", ())}
        layer = inside.get(name)
    variables = [*getattr(layer, "weights", ())]
    number = int(key[-1]) if key[-1].isdecimal() else len(variables)
    known = not hasattr(layer, "layers") and number < len(variables)
    return "/".join((*key[:-1], variables[number].name if known else key[-1]))


@contextmanager
def _saved(model: keras.Model) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="modelforge-") as folder:
        path = os.path.join(folder, "own.weights.h5")
        model.save_weights(path)
        yield path


def _write(model: keras.Model, values: Mapping[Key, Any]) -> None:
    """Gives a model these weights by Keras's own way of reading them."""
    with _saved(model) as path:
        with h5py.File(path, "r+") as root:
            arrays = stored(root).arrays
            for key, value in values.items():
                arrays[key][...] = value
        model.load_weights(path)


def _read(array: h5py.Dataset, name: str, doubts: Doubts) -> Any:
    value = np.asarray(array[()])
    if value.dtype.kind == "f" and not np.isfinite(value).all():
        doubts.say(RULE, f"its weights `{name}` hold numbers that are not finite")
    return value


def _report(own: _Places, shapes: Mapping[Key, tuple[int, ...]], matched: Sequence[Key]) -> Report:
    return Report(
        matched=tuple(own[key][0] for key in matched),
        missing=tuple(name for key, (name, _, _) in own.items() if key not in shapes),
        unexpected=tuple("/".join(key) for key in shapes if key not in own),
        mismatched=tuple(
            f"{name} {shape} (in the file {shapes[key]})"
            for key, (name, shape, _) in own.items()
            if key in shapes and shapes[key] != shape
        ),
    )


def _check(report: Report, path: str, span: Span | None, *, partial: bool) -> None:
    if report.whole or (partial and report.matched):
        return
    raise refuse(
        MISFIT,
        f"no weight in `{path}` fits the model"
        if not report.matched
        else f"the weights in `{path}` are not those of the model",
        span,
        notes=[
            *report.lines(),
            "weights are matched by the names of the layers that they are in, and by shape",
            *(["`partial: true` reads those that match"] if report.matched and not partial else []),
        ],
    )


@contextmanager
def _opened(path: str, doubts: Doubts) -> Iterator[h5py.File]:
    """The HDF5 in a file that has been checked; raises Refused."""
    if path.endswith((".h5", ".hdf5")):
        try:
            with open(path, "rb") as content:
                size = os.path.getsize(path)
                check_weights(content, size, doubts)
                doubts.findings.stop_on_errors()
                with h5py.File(content, "r") as root:
                    yield root
        except OSError as error:
            raise refuse(
                RULE, f"`{path}` cannot be read: {error.strerror or error}", doubts.span
            ) from None
        return
    file = inspect(path, doubts)
    doubts.findings.stop_on_errors()
    assert file is not None
    with zipfile.ZipFile(file.path) as archive, open(file.path, "rb") as content:
        member = archive.getinfo(WEIGHTS)
        part = stored_member(content, member.header_offset, member.file_size)
        check_weights(part, member.file_size, doubts)
        doubts.findings.stop_on_errors()
        part.seek(0)
        with h5py.File(part, "r") as root:
            yield root
