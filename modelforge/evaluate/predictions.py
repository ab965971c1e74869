"""Predictions as rows: what was asked, the class or labels with probabilities, or the number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from modelforge.evaluate.answers import Meaning, read_classes, read_labels
from modelforge.evaluate.multi_label import THRESHOLD
from modelforge.evaluate.structure import as_list
from modelforge.evaluate.trained import TrainedRun

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """How outputs are read, by output: class names (none for numbers), what its numbers are.

    probabilities: a column for each class. multi_label: outputs that tell any number of labels,
    each of a probability above threshold.
    """

    class_names: Mapping[str, tuple[str, ...]]
    meanings: Mapping[str, Meaning]
    probabilities: bool = False
    multi_label: frozenset[str] = frozenset()
    threshold: float = THRESHOLD


def rows_of(names: Sequence[str], outputs: Mapping[str, np.ndarray], reading: Reading) -> list[Row]:
    """A row for each input; the columns carry the output's name where there are several."""
    rows: list[Row] = [{"input": name} for name in names]
    for output, values in outputs.items():
        prefix = f"{output}." if len(outputs) > 1 else ""
        for row, cells in zip(rows, _cells(values, output, reading), strict=True):
            row.update({prefix + key: cell for key, cell in cells.items()})
    return rows


def outputs_by_name(run: TrainedRun, answer: Any) -> dict[str, np.ndarray]:
    """A model's answer as arrays by the names of its outputs."""
    return dict(zip(run.output_names, map(np.asarray, as_list(answer)), strict=True))


def _cells(values: np.ndarray, output: str, reading: Reading) -> list[Row]:
    names = reading.class_names.get(output)
    if names and output in reading.multi_label:
        labels = read_labels(values, len(names), reading.meanings[output])
        if labels is not None:
            return [_label_cells(shares, names, reading) for shares in labels]
    elif names:
        classes = read_classes(values, len(names), reading.meanings[output])
        if classes is not None:
            return [
                _class_cells(int(chosen), shares, output, reading)
                for chosen, shares in zip(classes.chosen, classes.probabilities, strict=True)
            ]
    flat = values.reshape(len(values), -1)
    if flat.shape[1] == 1:
        return [{"value": float(value[0])} for value in flat]
    return [{f"value_{i}": float(x) for i, x in enumerate(value)} for value in flat]


def _label_cells(shares: np.ndarray, names: tuple[str, ...], reading: Reading) -> Row:
    """The labels of one sample, the most probable first."""
    chosen = [i for i in np.argsort(-shares, kind="stable") if shares[i] > reading.threshold]
    told = {
        "labels": [names[i] for i in chosen],
        "probabilities": [float(shares[i]) for i in chosen],
    }
    return {**told, **(_each(shares, names) if reading.probabilities else {})}


def _each(shares: np.ndarray, names: tuple[str, ...]) -> Row:
    return {f"p({name})": float(share) for name, share in zip(names, shares, strict=True)}


def _class_cells(chosen: int, shares: np.ndarray, output: str, reading: Reading) -> Row:
    kind = "score" if reading.meanings[output] == "scores" else "probability"
    names = reading.class_names[output]
    cells: Row = {"class": names[chosen], kind: float(shares[chosen])}
    if reading.probabilities:
        cells |= _each(shares, names)
    return cells
