"""`evaluate`: the metrics of the spec and the scores by class, on one split of a run's data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from modelforge.build.compile import compile_model
from modelforge.data.bundle import Bundle, Split
from modelforge.evaluate.measures import Classification, Regression
from modelforge.evaluate.predictions import outputs_by_name
from modelforge.evaluate.scores import Scores, scorer_of
from modelforge.evaluate.trained import TrainedRun, open_run_data
from modelforge.findings import Findings, refuse
from modelforge.graph.agreement.target import UNTOLD
from modelforge.runs.files import write_json
from modelforge.train.targets import measured_batches, target_of

SCHEMA_VERSION = 1
SPLITS = ("validation", "test", "train")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came out. metrics: the loss and the metrics of the spec by their Keras names.

    classification, regression: of the only output, or of the first; `output` then names it.
    others: what there is to say of further outputs.
    """

    split: str
    size: int
    model: str
    metrics: Mapping[str, float]
    classification: Classification | None = None
    regression: Regression | None = None
    output: str = ""
    others: tuple[Scores, ...] = ()

    @property
    def scores(self) -> tuple[Scores, ...]:
        """Of all outputs."""
        return (Scores(self.output, self.classification, self.regression), *self.others)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as `evaluation-<split>.json` has them."""
        return {"schema_version": SCHEMA_VERSION, **asdict(self)}


def evaluate_run(
    run: TrainedRun, on: str | None, findings: Findings, bundle: Bundle | None = None
) -> Evaluation:
    """Measures the run's model and keeps the result in the run folder.

    on: train, validation or test; None for the first of validation, test and train that there is.
    bundle: the run's data where it is still open; else it is opened again.
    """
    if bundle is None:
        bundle = open_run_data(run, findings)
        _refuse_other_preprocessing(run, bundle)
    split = _split(bundle, on)
    result = measure(run, bundle, split)
    write_json(run.folder.path / f"evaluation-{split.name}.json", result.as_dict())
    return result


def measure(run: TrainedRun, bundle: Bundle, split: Split) -> Evaluation:
    """Measures the run's model on a split."""
    metrics = _metrics(run, split)
    scorers = {
        name: scorer_of(learned, name, run.meaning(name))
        for name in run.output_names
        if (learned := bundle.given.of(name)).kind not in UNTOLD
    }
    for batch in split.batches() if scorers else ():
        answer = outputs_by_name(run, run.model.predict_on_batch(batch[0]))
        for name, scorer in scorers.items():
            scorer.add(np.asarray(target_of(batch[1], name)), answer[name])
    found = [scorer.scores() for scorer in scorers.values()]
    found = [it for it in found if it.classification or it.regression] or [Scores("")]
    first, others = found[0], tuple(found[1:])
    return Evaluation(
        split.name,
        split.size,
        run.folder.model.name,
        metrics,
        first.classification,
        first.regression,
        first.output if len(run.output_names) > 1 else "",
        others,
    )


def _refuse_other_preprocessing(run: TrainedRun, bundle: Bundle) -> None:
    """Opening the data learns anew from it; from changed data something else would be learned."""
    recorded = run.folder.read_data().get("reading")
    opened = json.loads(json.dumps(dict(bundle.manifest["reading"]), default=str))
    if bundle.preprocessing is not None and recorded is not None and recorded != opened:
        raise refuse(
            "data-changed",
            "the data has changed since the run was trained, and with it what is learned from it "
            "before the model (normalization, categories)",
            notes=["put the data back as it was, or train again"],
        )


def _split(bundle: Bundle, on: str | None) -> Split:
    there: dict[str, Split] = {
        name: split for name in SPLITS if (split := getattr(bundle, name)) is not None
    }
    if on is None:
        return next(iter(there.values()))
    if on not in there:
        raise refuse(
            "no-split",
            f"the run's data has no `{on}` part",
            notes=[f"it has: {', '.join(there)}", f"give the spec one: `data: {{{on}: 0.2}}`"],
        )
    return there[on]


def _metrics(run: TrainedRun, split: Split) -> dict[str, float]:
    train = run.loaded.spec.train
    if train is None or train.loss is None:
        return {}
    compile_model(run.model, train, run.output_names)
    batches = measured_batches(run.output_names)(split.batches())
    found = run.model.evaluate(batches, verbose=0, return_dict=True)
    return {name: float(value) for name, value in found.items()}
