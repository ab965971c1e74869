"""Real inputs on which an export must answer as the Keras model does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from modelforge.data.bundle import Bundle
from modelforge.data.features.feature import Learned
from modelforge.evaluate import TrainedRun
from modelforge.evaluate.asked import Questions
from modelforge.evaluate.tables import raw_rows
from modelforge.findings import Findings
from modelforge.spec import Object

MOST = 64  # enough to meet every branch of a usual model, and little work for a large one


def model_samples(bundle: Bundle) -> dict[str, np.ndarray]:
    """Validation samples (training ones where there is no validation), as the model takes them."""
    split = bundle.validation or bundle.test or bundle.train
    found: dict[str, list[np.ndarray]] = {name: [] for name in bundle.inputs}
    left = MOST
    for batch in split.batches():
        inputs = batch[0]
        named = inputs if isinstance(inputs, Mapping) else {next(iter(bundle.inputs)): inputs}
        for name, tensor in named.items():
            found[name].append(np.asarray(tensor)[:left])
        left -= len(next(iter(found.values()))[-1])
        if left <= 0:
            break
    return {name: np.concatenate(parts) for name, parts in found.items()}


def raw_samples(run: TrainedRun, learned: Sequence[Learned]) -> dict[str, np.ndarray]:
    """Rows of the file that the validation samples come from, before preprocessing."""
    section = run.loaded.spec.data
    assert section is not None  # its data has been opened
    source = section.validation if isinstance(section.validation, Object) else section.train
    path = run.folder.path / str(source.arguments["path"])
    questions = Questions([path], run.folder.read_data(), Findings())
    _, raw = raw_rows(path, learned, questions)
    return {name: column[:MOST] for name, column in raw.items()}
