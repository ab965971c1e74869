"""`predict`: a run answers questions that are files, read exactly as its training data was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from modelforge.evaluate.arrays import ask_arrays
from modelforge.evaluate.asked import Asked, Questions
from modelforge.evaluate.images import ask_images, image_files
from modelforge.evaluate.predictions import Reading, Row, outputs_by_name, rows_of
from modelforge.evaluate.share import ALONE, Share, checksum
from modelforge.evaluate.structure import entrance
from modelforge.evaluate.tables import ask_tables
from modelforge.evaluate.trained import TrainedRun
from modelforge.findings import Finding, Findings, refuse

# By the kind of reading that the run's manifest names.
READERS: dict[str, Callable[[Questions], Iterator[Asked]]] = {
    "images": ask_images,
    "arrays": ask_arrays,
    "table": ask_tables,
}


def predict(
    run: TrainedRun,
    paths: Sequence[Path],
    findings: Findings,
    *,
    probabilities: bool = False,
    share: Share = ALONE,
) -> list[Row]:
    """A row for each input that could be read; each that could not is an error in `findings`.

    share: this worker's part of the work; the chief has the rows of all, the others have none.
    """
    questions = Questions(paths, run.folder.read_data(), findings)
    kind = str(questions.reading.get("kind", ""))
    if kind not in READERS:
        raise refuse(
            "unreadable-kind",
            f"the data of `{run.folder.path}` was read in no way that files can be",
        )
    meanings = {output: run.meaning(output) for output in run.output_names}
    reading = Reading(run.class_names, meanings, probabilities, run.multi_label, run.threshold)
    share.begin(lambda: {"the model": checksum(run.folder.model), "inputs": str(len(paths))})
    answered: list[tuple[int, list[Row]]] = []
    for number, asked in _own(kind, questions, share):
        answer = run.answering.answer(entrance(run.model, asked.inputs))
        answered.append((number, rows_of(asked.names, outputs_by_name(run, answer), reading)))
        share.done()
    # Those of a place in a table are found by every worker, which reads all of it.
    told = [it for it in findings if it.span is None]
    found = [[it.rule, it.message, it.severity, it.hint, it.notes] for it in told]
    every = share.joined([answered, found])
    for _, others in every[1:]:
        findings.extend(
            Finding(rule, message, None, severity, hint, tuple(notes))
            for rule, message, severity, hint, notes in others
        )
    batches = sorted((it for own, _ in every for it in own), key=lambda batch: batch[0])
    return [row for _, rows in batches for row in rows]


def _own(kind: str, questions: Questions, share: Share) -> Iterator[tuple[int, Asked]]:
    """The batches that this worker answers, each with its place among all of them."""
    if kind == "images":  # to read them is most of the work: of others nothing is read
        files = image_files(questions)
        start, stop = share.part(len(files))
        for asked in ask_images(replace(questions, paths=files[start:stop])):
            yield share.index, asked
        return
    for number, asked in enumerate(READERS[kind](questions)):
        if number % share.count == share.index:
            yield number, asked
