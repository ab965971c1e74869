"""Real inputs on which an export must answer as the Keras model does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from modelforge.data.bundle import Bundle, Split
from modelforge.data.features.feature import Learned
from modelforge.evaluate import TrainedRun
from modelforge.evaluate.asked import Questions
from modelforge.evaluate.tables import raw_rows
from modelforge.export.images import IMAGE_BYTES
from modelforge.findings import Findings
from modelforge.spec import Object

MOST_IMAGE_BYTES = 2**26  # photographs of many megabytes take long to decode, twice each
MOST = 64  # enough to meet every branch of a usual model, and little work for a large one


def image_samples(bundle: Bundle) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Files of the same samples byte by byte, and their pixels as `model_samples` has them."""
    split = _measured(bundle)
    assert split.names is not None  # images are read from files
    steps = range(min(split.steps, -(-MOST // split.batch_size)))
    files = [name for step in steps for name in split.names(0, step)]
    sizes = np.cumsum([Path(name).stat().st_size for name in files[:MOST]])
    count = max(1, int((sizes <= MOST_IMAGE_BYTES).sum()))
    contents = [Path(name).read_bytes() for name in files[:count]]
    pixels = {name: array[:count] for name, array in model_samples(bundle).items()}
    return {IMAGE_BYTES: np.array(contents, dtype=object)}, pixels


def model_samples(bundle: Bundle) -> dict[str, np.ndarray]:
    """Validation samples (training ones where there is no validation), as the model takes them."""
    split = _measured(bundle)
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


def _measured(bundle: Bundle) -> Split:
    return bundle.validation or bundle.test or bundle.train


def raw_samples(run: TrainedRun, learned: Sequence[Learned]) -> dict[str, np.ndarray]:
    """Rows of the file that the validation samples come from, before preprocessing."""
    section = run.loaded.spec.data
    assert section is not None  # its data has been opened
    source = section.validation if isinstance(section.validation, Object) else section.train
    path = run.folder.path / str(source.arguments["path"])
    questions = Questions([path], run.folder.read_data(), Findings())
    _, raw = raw_rows(path, learned, questions)
    return {name: column[:MOST] for name, column in raw.items()}
