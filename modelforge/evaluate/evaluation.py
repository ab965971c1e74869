"""`evaluate`: the metrics of the spec and the scores by class, on one split of a run's data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from modelforge.data.bundle import Bundle, Split
from modelforge.evaluate.measures import Classification, Regression
from modelforge.evaluate.metrics import Metrics
from modelforge.evaluate.multi_label import MultiLabel
from modelforge.evaluate.predictions import outputs_by_name
from modelforge.evaluate.scores import Scores, scorer_of
from modelforge.evaluate.share import ALONE, Share, checksum
from modelforge.evaluate.trained import TrainedRun, open_run_data
from modelforge.findings import Findings, refuse
from modelforge.graph.agreement.target import UNTOLD
from modelforge.runs.files import write_json
from modelforge.train.targets import target_of
from modelforge.train.watched import facts_of

SCHEMA_VERSION = 1
SPLITS = ("validation", "test", "train")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came out. metrics: the loss and the metrics of the spec by their Keras names.

    classification, regression, multi_label: of the only output, or of the first; `output` then
    names it.
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
    multi_label: MultiLabel | None = None

    @property
    def scores(self) -> tuple[Scores, ...]:
        """Of all outputs."""
        first = Scores(self.output, self.classification, self.regression, self.multi_label)
        return (first, *self.others)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as `evaluation-<split>.json` has them."""
        return {"schema_version": SCHEMA_VERSION, **asdict(self)}


def evaluate_run(
    run: TrainedRun,
    on: str | None,
    findings: Findings,
    bundle: Bundle | None = None,
    share: Share = ALONE,
) -> Evaluation | None:
    """Measures the run's model and keeps the result in the run folder.

    on: train, validation or test; None for the first of validation, test and train that there is.
    bundle: the run's data where it is still open; else it is opened again. share: this worker's
    part of the work; others than the chief come to no result, and write nothing.
    """
    if bundle is None:
        bundle = open_run_data(run, findings)
        _refuse_other_preprocessing(run, bundle)
    split = _split(bundle, on)
    share.begin(lambda: _facts(run, bundle, split))
    result = measure(run, bundle, split, share)
    if result is not None:
        write_json(run.folder.path / f"evaluation-{split.name}.json", result.as_dict())
    return result


def measure(
    run: TrainedRun, bundle: Bundle, split: Split, share: Share = ALONE
) -> Evaluation | None:
    """Measures the run's model on a split; the chief alone comes to a result.

    Each worker measures whole batches, those of its part of the split, so that what is measured is
    what one process measures; sums over all batches are added up.
    """
    start, stop = share.part(split.steps)
    train = run.loaded.spec.train
    metrics = Metrics(run, train.last, split) if train is not None and train.last.loss else None
    if metrics is not None:
        metrics.measure(start, stop, share)
    scorers = {
        name: scorer_of(learned, name, run.meaning(name), run.threshold)
        for name in run.output_names
        if (learned := bundle.given.of(name)).kind not in UNTOLD
    }
    for batch in split.batches(0, start).take(stop - start) if scorers else ():
        answer = outputs_by_name(run, run.answering.answer(batch[0]))
        for name, scorer in scorers.items():
            scorer.add(np.asarray(target_of(batch[1], name)), answer[name])
        share.done()
    states = {name: scorer.state() for name, scorer in scorers.items()} if share.count > 1 else {}
    every = share.joined([metrics.state() if metrics is not None else None, states])
    if not every:
        return None
    for _, others in every[1:]:
        for name, scorer in scorers.items():
            scorer.join(others[name])
    values = metrics.values([state for state, _ in every]) if metrics is not None else {}
    found = [scorer.scores() for scorer in scorers.values()]
    found = [it for it in found if it.any] or [Scores("")]
    first, others = found[0], tuple(found[1:])
    return Evaluation(
        split.name,
        split.size,
        run.folder.model.name,
        values,
        first.classification,
        first.regression,
        first.output if len(run.output_names) > 1 else "",
        others,
        first.multi_label,
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


def _facts(run: TrainedRun, bundle: Bundle, split: Split) -> dict[str, str]:
    """What has to be the same for all workers."""
    return {
        **facts_of(run.loaded, bundle),
        "the model": checksum(run.folder.model),
        "the part of the data": split.name,
    }
