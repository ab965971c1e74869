"""`predict`: a run answers questions that are files, read exactly as its training data was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from modelforge.evaluate.arrays import ask_arrays
from modelforge.evaluate.asked import Asked, Questions
from modelforge.evaluate.images import ask_images
from modelforge.evaluate.predictions import Reading, outputs_by_name, rows_of
from modelforge.evaluate.structure import entrance
from modelforge.evaluate.tables import ask_tables
from modelforge.evaluate.trained import TrainedRun
from modelforge.findings import Findings, refuse

# By the kind of reading that the run's manifest names.
READERS: dict[str, Callable[[Questions], Iterator[Asked]]] = {
    "images": ask_images,
    "arrays": ask_arrays,
    "table": ask_tables,
}


def predict(
    run: TrainedRun, paths: Sequence[Path], findings: Findings, *, probabilities: bool = False
) -> list[dict[str, Any]]:
    """A row for each input that could be read; each that could not is an error in `findings`."""
    questions = Questions(paths, run.folder.read_data(), findings)
    kind = str(questions.reading.get("kind", ""))
    if kind not in READERS:
        raise refuse(
            "unreadable-kind",
            f"the data of `{run.folder.path}` was read in no way that files can be",
        )
    meanings = {output: run.meaning(output) for output in run.output_names}
    reading = Reading(run.class_names, meanings, probabilities)
    rows: list[dict[str, Any]] = []
    for asked in READERS[kind](questions):
        answer = run.model.predict_on_batch(entrance(run.model, asked.inputs))
        rows += rows_of(asked.names, outputs_by_name(run, answer), reading)
    return rows
