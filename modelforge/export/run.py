"""`export`: a run's model in the formats that its spec or the user names, each verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from modelforge.data.bundle import Bundle, Tensor
from modelforge.data.features.model import preprocessing_model
from modelforge.data.images import ImageReading
from modelforge.evaluate import TrainedRun, open_run, open_run_data
from modelforge.evaluate.tables import learned_features
from modelforge.export.formats import FORMATS
from modelforge.export.images import INPUTS, decoding
from modelforge.export.samples import image_samples, model_samples, raw_samples
from modelforge.export.served import Served, unique
from modelforge.export.verified import export_one
from modelforge.findings import Findings, Source, Span
from modelforge.runs import RunFolder
from modelforge.runs.files import read_json, write_json
from modelforge.spec import Object

SCHEMA_VERSION = 1
FOLDER = "export"
DEFAULT = "SavedModel"
TABLE = "table"  # the kind of reading that learns from the data before the model
IMAGES = "images"  # the kind of reading that decodes files


def export_run(
    folder: RunFolder, exports: tuple[Object, ...] | None, findings: Findings
) -> list[dict[str, Any]]:
    """Exports the best model of a run to `export/` in its folder.

    exports: None for what the spec says, and for a SavedModel where it says nothing. Gives for
    each export that succeeded its format, path, size and largest difference from the Keras model;
    each that failed is an error in `findings`.
    """
    run = open_run(folder)
    bundle = open_run_data(run, findings)
    wanted = exports if exports is not None else run.loaded.spec.export or (asked_for(DEFAULT),)
    made = []
    for item in wanted:
        offer = _offer(run, bundle, item)
        record = export_one(
            offer.served, item, offer.samples, folder.path / FOLDER, findings, offer.tensors
        )
        if record is not None:
            made.append(record)
    if made:
        _keep(folder.path / FOLDER / "export.json", made)
    return made


def asked_for(name: str, arguments: Mapping[str, Any] | None = None) -> Object:
    """A format that no spec names: from the command line, or by default."""
    source = Source("<command line>", name)
    span = Span(source, 1, 1, 1, len(name) + 1)
    return Object("export", name, dict(arguments or {}), span)


@dataclass(frozen=True)
class _Offer:
    """What is exported, with real samples: raw, and where training reads them, as it does."""

    served: Served
    samples: dict[str, np.ndarray]
    tensors: dict[str, np.ndarray] | None = None


def _offer(run: TrainedRun, bundle: Bundle, item: Object) -> _Offer:
    reading = run.folder.read_data().get("reading", {})
    # The model knows its outputs by the names of their layers, in the same order.
    outputs = unique(run.model.output_names)
    by_output = dict(zip(outputs, run.class_names.values(), strict=True))
    names = {output: classes for output, classes in by_output.items() if classes}
    meanings = dict(zip(outputs, map(run.meaning, run.output_names), strict=True))
    renamed = zip(outputs, run.output_names, strict=True)
    told = frozenset(output for output, name in renamed if name in run.multi_label)
    kind = reading.get("kind") if item.arguments.get("inputs", "raw") == "raw" else None
    # What was learned comes from the run's own record, not from the data as it is today.
    if kind == TABLE:
        learned = learned_features(reading)
        columns = {it.column: Tensor((1,), it.feature.raw_dtype) for it in learned}
        prepared = preprocessing_model(learned)
        served = Served(run.model, columns, prepared, names, meanings, bundle.inputs, told)
        return _Offer(served, raw_samples(run, learned))
    if kind == IMAGES and FORMATS[item.name].takes_bytes:
        decoded = decoding(ImageReading.from_plain(reading), bundle.inputs)
        served = Served(run.model, INPUTS, decoded, names, meanings, bundle.inputs, told)
        return _Offer(served, *image_samples(bundle))
    served = Served(run.model, bundle.inputs, None, names, meanings, multi_label=told)
    return _Offer(served, model_samples(bundle))


def _keep(path: Path, made: list[dict[str, Any]]) -> None:
    """Adds to `export.json`, replacing the records of the same formats and versions."""
    before = read_json(path)
    earlier = before.get("exports", []) if isinstance(before, dict) else []
    replaced = {_place(record) for record in made}
    kept = [record for record in earlier if _place(record) not in replaced]
    write_json(path, {"schema_version": SCHEMA_VERSION, "exports": [*kept, *made]})


def _place(record: Mapping[str, Any]) -> tuple[Any, Any]:
    return record.get("format"), record.get("version")
