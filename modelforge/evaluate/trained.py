"""A trained run, opened again: its spec, its best model, its data as they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import keras

from modelforge.data import open_data
from modelforge.data.bundle import Bundle
from modelforge.evaluate.answers import Meaning
from modelforge.evaluate.devices import ONE, Answering, devices_for
from modelforge.evaluate.multi_label import THRESHOLD
from modelforge.findings import Findings, Refused, refuse
from modelforge.graph import Loaded, load
from modelforge.loading import load_model
from modelforge.runs import RunFolder
from modelforge.runs.plugins import check_plugins
from modelforge.spec.targets import MULTI_LABEL, ONLY
from modelforge.train.strategy import Placement


@dataclass(frozen=True)
class TrainedRun:
    """A run that can be measured, asked, and exported.

    placement: the devices that the model lies on. threshold: above which probability a sample has
    a label, where it may have several.
    """

    folder: RunFolder
    loaded: Loaded
    model: keras.Model
    placement: Placement = ONE
    threshold: float = THRESHOLD

    @cached_property
    def answering(self) -> Answering:
        """The model as it answers batches."""
        return Answering(self.model, self.placement)

    @cached_property
    def multi_label(self) -> frozenset[str]:
        """The outputs that tell any number of labels."""
        told = self.folder.read_data().get("targets", ())
        kinds = {it["output"]: it.get("kind") for it in told}
        return frozenset(
            it for it in self.output_names if kinds.get(it, kinds.get(ONLY)) == MULTI_LABEL
        )

    @cached_property
    def class_names(self) -> dict[str, tuple[str, ...]]:
        """By output, the classes in the order of their numbers; empty where it learns none."""
        data = self.folder.read_data()
        # A run of an earlier version has a single target, and tells its classes alone.
        told = data.get("targets", [{"output": ONLY, "classes": data.get("classes", ())}])
        names = {it["output"]: tuple(map(str, it["classes"])) for it in told}
        return {it: names.get(it, names.get(ONLY, ())) for it in self.output_names}

    @property
    def output_names(self) -> tuple[str, ...]:
        """The names of the outputs, as the spec has them."""
        return tuple(self.loaded.graph.outputs)

    def meaning(self, output: str) -> Meaning:
        """What the numbers of an output are, by its loss and its activation."""
        loss = self.loaded.spec.train.last.loss if self.loaded.spec.train else None
        own = loss.get(output) if isinstance(loss, Mapping) else loss
        if own is not None and own.arguments.get("from_logits"):
            return "logits"
        if own is not None and own.name.endswith("Crossentropy"):
            return "probabilities"
        layer = next((it for it in self.model.operations if it.name == output), None)
        if isinstance(layer, keras.Operation) and type(layer).__name__ in ("Softmax", "Sigmoid"):
            return "probabilities"  # as a layer or of `keras.ops`
        activation = getattr(getattr(layer, "activation", None), "__name__", "")
        return "probabilities" if activation in ("softmax", "sigmoid") else "scores"


def open_run(
    folder: RunFolder,
    *,
    spread: bool = False,
    overrides: Sequence[str] = (),
    threshold: float | None = None,
) -> TrainedRun:
    """Reads the run's resolved spec and its best model; refused where either is missing.

    spread: over the devices that `train.distribute` says, else on one. overrides: of that key.
    threshold: of labels; refused where no output tells any.
    """
    if not folder.model.exists():
        raise refuse(
            "no-model",
            f"the run `{folder.path}` has no trained model yet: no best.keras, no final.keras",
            notes=[f"go on with it: modelforge train --resume {folder.path}"],
        )
    # Warnings about the spec and its data were given when it was trained.
    known = Findings()
    check_plugins(folder)
    loaded = load(str(folder.resolved), tuple(overrides), known, allow_large=True)
    if loaded is None:
        raise Refused(known.errors)
    train = loaded.spec.train
    placement = ONE
    if spread and train is not None:
        placement = devices_for(train.distribute, asked=bool(overrides))
    with placement.scope():
        run = TrainedRun(folder, loaded, load_model(str(folder.model)), placement)
    if threshold is None:
        return run
    if not run.multi_label:
        raise refuse(
            "no-labels",
            "`--threshold` decides about labels, but no output of this run is multi-label",
            notes=["of classes, the one with the highest probability is chosen"],
        )
    return replace(run, threshold=threshold)


def open_run_data(run: TrainedRun, findings: Findings) -> Bundle:
    """The run's data, opened as its spec says, without augmentation.

    Warns where the data is no longer what the run was trained on.
    """
    section = run.loaded.spec.data
    if section is None:
        raise refuse("no-data", f"the spec of the run `{run.folder.path}` has no `data`")
    bundle = open_data(section, run.folder.path, Findings())
    changed = _changed(run.folder.read_data(), bundle.manifest)
    if changed:
        findings.warning(
            "data-changed",
            f"the data has changed since the run was trained: {', '.join(changed)}",
            notes=[
                "samples that the model was trained on may now be among the ones it is measured on"
            ],
        )
    return bundle


def _changed(recorded: Any, opened: Any) -> list[str]:
    before, now = recorded.get("sources", {}), opened.get("sources", {})
    return [
        name
        for name, source in now.items()
        if name in before and before[name].get("fingerprint") != source.get("fingerprint")
    ]
