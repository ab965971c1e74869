"""A run in phases: what each begins with, what it trains, and what the run folder tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from modelforge.findings import Refused
from modelforge.runs import RunFolder, read_history
from modelforge.train import Outcome
from modelforge.train.checkpoints import Checkpoints
from modelforge.train.position import Position
from modelforge.train.progress import EpochDone, Silent
from train.conftest import Prepare, Train

SPEC = """\
modelforge: 1
name: phased
data: {train: Iris, validation: 0.2, batch_size: 16}
model:
  inputs: {flower: {shape: [4]}}
  layers:
    - model:
        inputs: {features: {shape: [4]}}
        layers:
          - Dense: {units: 8, activation: relu}
            name: first
          - Dense: {units: 8, activation: relu}
            name: second
      name: backbone
    - Dropout: 0.2
    - Dense: {units: 3, activation: softmax}
      name: head
train:
  loss: SparseCategoricalCrossentropy
  optimizer: {Adam: 0.01}
  metrics: [accuracy]
  epochs: 2
  deterministic: true
  phases:
"""
STILL = "optimizer: {SGD: 1.0e-30}"  # its steps are too small for a weight to change


def spec(*phases: str) -> str:
    return SPEC + "".join(f"    - {{{phase}}}\n" for phase in phases)


def rows_of(folder: RunFolder) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k != "seconds"} for row in read_history(folder.path)]


def values(outcome: Outcome, name: str) -> list[Any]:
    return [row[name] for row in read_history(outcome.folder.path)]


class Beginnings(Silent):
    """Keeps the weights as each phase begins, and all that is said."""

    def __init__(self) -> None:
        self.begun: list[tuple[int, int, Position]] = []
        self.weights: list[dict[str, np.ndarray]] = []
        self.said: list[str] = []
        self.done: list[str] = []
        self.model: keras.Model | None = None

    def begin(self, epochs: int, steps: int, start: Position) -> None:
        self.begun.append((epochs, steps, start))
        assert self.model is not None
        found = {it.path: np.array(it.numpy()) for it in self.model.weights}
        self.weights.append(found)

    def note(self, text: str) -> None:
        self.said.append(text)

    def epoch(self, done: EpochDone) -> None:
        self.done.append(str(done))


@pytest.fixture
def watched(prepare: Prepare, tmp_path: Path) -> Any:
    """Trains a spec, and gives what came of it and how its phases began."""
    from modelforge.train import train

    def run(text: str, *overrides: str) -> tuple[Outcome, Beginnings]:
        prepared, watch = prepare(text, *overrides), Beginnings()
        watch.model = prepared.model
        folder = RunFolder.create(tmp_path / "runs", "phased")
        return train(prepared, folder, watch), watch

    return run


def test_epochs_are_counted_over_all_phases(watched: Any) -> None:
    text = spec("name: head, epochs: 3", "name: tune", "epochs: 1, batch_size: 40")
    outcome, watch = watched(text)
    assert values(outcome, "epoch") == [1, 2, 3, 4, 5, 6]
    assert values(outcome, "phase") == ["head"] * 3 + ["tune"] * 2 + ["3"]
    assert watch.begun == [(6, 8, Position()), (6, 8, Position(3)), (6, 3, Position(5))]
    assert watch.done[3].startswith("epoch 4/6  tune  loss ")
    assert "phase tune: 2 epochs from epoch 4; " in watch.said[1]
    csv = (outcome.folder.path / "history.csv").read_text(encoding="utf-8").splitlines()
    assert csv[0].startswith("epoch,phase,loss,")
    assert csv[4].startswith("4,tune,")
    state = outcome.state
    assert (state.epochs, state.planned_epochs, state.best_of) == (6, 6, "all phases")
    assert [(it["name"], it["before"], it["epochs"]) for it in state.phases] == [
        ("head", 0, 3),
        ("tune", 3, 2),
        ("3", 5, 1),
    ]


def test_a_run_without_phases_says_nothing_of_them(trained: Train) -> None:
    outcome = trained(SPEC.replace("  phases:\n", ""))
    assert "phase" not in read_history(outcome.folder.path)[0]
    assert "phase" not in (outcome.folder.path / "state.json").read_text(encoding="utf-8")
    assert "phase" not in outcome.folder.log.read_text(encoding="utf-8")
    assert not list(outcome.folder.checkpoints.glob("best*"))


def test_what_is_frozen_in_a_phase_is_the_same_to_the_last_bit_after_it(watched: Any) -> None:
    text = spec("name: head, freeze: backbone", "name: tune, freeze: first, start: last")
    outcome, watch = watched(text)
    begun, tuned = watch.weights
    ended = {it.path: it.numpy() for it in outcome.model.weights}
    changed = {path for path in begun if not np.array_equal(begun[path], tuned[path])}
    assert {path.split("/")[0] for path in changed if "seed" not in path} == {"head"}
    later = {path for path in tuned if not np.array_equal(tuned[path], ended[path])}
    layers = {path.split("/")[-2] for path in later if "seed" not in path}
    assert layers == {"second", "head"}


# In this phase the best epoch is not the last one.
RISING = "name: rising, epochs: 4, optimizer: {SGD: {learning_rate: 8.0, momentum: 0.9}}"


def test_a_phase_begins_with_the_best_weights_of_the_one_before(trained: Train) -> None:
    outcome = trained(spec(RISING, f"name: still, epochs: 1, {STILL}"))
    before = values(outcome, "val_loss")[:4]
    assert min(before) < before[-1]
    assert values(outcome, "val_loss")[4] == min(before)
    log = outcome.folder.log.read_text(encoding="utf-8")
    assert f"weights of epoch {before.index(min(before)) + 1}, the optimizer begins anew" in log


def test_a_phase_begins_with_the_last_weights_where_it_says_so(trained: Train) -> None:
    outcome = trained(spec(RISING, f"name: still, epochs: 1, start: last, {STILL}"))
    before = values(outcome, "val_loss")[:4]
    assert min(before) < before[-1]
    assert values(outcome, "val_loss")[4] == before[-1]
    assert not list(outcome.folder.checkpoints.glob("best-of-phase-1*"))


def test_the_best_of_the_phase_before_counts_not_that_of_the_run(trained: Train) -> None:
    worse = "name: worse, epochs: 2, optimizer: {SGD: 3.0}"
    outcome = trained(spec("epochs: 3", worse, f"epochs: 1, {STILL}"))
    found = values(outcome, "val_loss")
    assert min(found[:3]) < min(found[3:5])
    assert found[5] == min(found[3:5])
    # best.keras is the best of the run all the same.
    assert outcome.state.best_epoch == 1 + found.index(min(found))
    assert outcome.state.phases[1]["best"]["val_loss"] == min(found[3:5])


def test_early_stopping_ends_its_phase_alone(trained: Train) -> None:
    stop = "callbacks: [{EarlyStopping: {monitor: val_loss, patience: 0, min_delta: 10}}]"
    outcome = trained(spec(f"name: short, epochs: 9, {stop}", "name: whole, epochs: 2"))
    assert values(outcome, "phase") == ["short", "short", "whole", "whole"]
    assert (outcome.state.planned_epochs, outcome.state.phases[1]["before"]) == (4, 2)
    later = stop.replace("patience: 0", "patience: 0, start_from_epoch: 2")
    outcome = trained(spec("name: first, epochs: 3", f"epochs: 9, {later}"))
    assert len(values(outcome, "phase")) == 7  # it waits two epochs of its own phase, then two more


def iterations(outcome: Outcome) -> int:
    return int(outcome.model.optimizer.iterations.numpy())


@pytest.mark.parametrize(
    ("phase", "steps"),
    [
        ("name: same", 32),
        ("name: same, optimizer: {Adam: 0.001}", 32),  # another rate is no other optimizer
        ("name: fewer, freeze: backbone", 32),
        ("name: other, optimizer: {Adam: {beta_1: 0.8}}", 16),
        ("name: other, optimizer: {AdamW: 0.01}", 16),
        ("name: schedule, optimizer: {Adam: {CosineDecay: [0.1, 9]}}", 16),
    ],
)
def test_the_optimizer_goes_on_where_that_is_sound(trained: Train, phase: str, steps: int) -> None:
    phase = phase.replace("{CosineDecay: [0.1, 9]}", "SCHEDULE").replace(
        "{Adam: SCHEDULE}",
        "{Adam: {learning_rate: {CosineDecay: {initial_learning_rate: 0.1, decay_steps: 9}}}}",
    )
    outcome = trained(spec("name: first, epochs: 2", f"{phase}, start: last"))
    assert iterations(outcome) == steps
    said = "goes on" if steps == 32 else "begins anew"
    assert f"the optimizer {said}" in outcome.folder.log.read_text(encoding="utf-8")


def test_an_optimizer_does_not_go_on_with_weights_that_it_has_not_trained(trained: Train) -> None:
    outcome = trained(spec("freeze: backbone", "freeze: []"))
    assert iterations(outcome) == 16


def test_two_phases_that_say_the_same_are_one(trained: Train) -> None:
    # Batches, augmentation and dropout go by the epoch of the run, and the optimizer goes on.
    outcome = trained(spec("epochs: 2", "epochs: 2, start: last"))
    whole = trained(SPEC.replace("  phases:\n", "").replace("epochs: 2", "epochs: 4"))
    for one, other in zip(outcome.model.get_weights(), whole.model.get_weights(), strict=True):
        assert np.array_equal(one, other)
    assert values(outcome, "val_loss") == values(whole, "val_loss")


def test_the_best_is_that_of_the_last_phase_where_losses_differ(trained: Train) -> None:
    focal = "loss: {SparseCategoricalCrossentropy: {ignore_class: 2}}"
    outcome = trained(spec("name: one, epochs: 3", f"name: two, {focal}, epochs: 2"))
    assert outcome.state.best_of == "last phase"
    assert outcome.state.best_epoch in (4, 5)
    # The numbers are not of one kind: those of the last phase may be higher throughout.
    model = keras.saving.load_model(outcome.folder.best)
    assert model.optimizer.iterations.numpy() in (32, 40)


def test_metrics_and_augmentation_may_be_others_in_a_phase(trained: Train) -> None:
    text = spec("name: plain", "augment: [{GaussianNoise: 0.5}], metrics: []")
    outcome = trained(text)
    plain = trained(text.replace("augment: [{GaussianNoise: 0.5}], ", ""))
    first, second = rows_of(outcome.folder)[0], rows_of(outcome.folder)[2]
    assert "val_accuracy" in first and "val_accuracy" not in second
    assert values(outcome, "loss")[:2] == values(plain, "loss")[:2]
    assert values(outcome, "loss")[2] != values(plain, "loss")[2]


def test_callbacks_are_those_of_the_phase_and_share_files(trained: Train) -> None:
    logger = "callbacks: [{CSVLogger: rows.csv}]"
    outcome = trained(spec(logger, logger, "callbacks: []"))
    rows = (outcome.folder.path / "rows.csv").read_text(encoding="utf-8").splitlines()
    assert [row.split(",")[0] for row in rows] == ["epoch", "0", "1", "2", "3"]


WRONG = [
    ("callbacks: [{EarlyStopping: {monitor: val_los}}]", "which will not exist"),
    ("batch_size: 500", "a batch of 500 is more than the 120 training samples there are"),
    ("metrics: [], callbacks: [{EarlyStopping: {monitor: val_accuracy}}]", "will not exist"),
    ("callbacks: [{CSVLogger: history.csv}]", "history.csv"),
    ("freeze: backbon", "backbon"),
    ("augment: [{RandomCrop: {height: 2, width: 2}}]", "`RandomCrop` cannot be applied"),
    (
        "callbacks: [{ReduceLROnPlateau: {monitor: loss}}], optimizer: {Adam: {learning_rate: "
        "{CosineDecay: {initial_learning_rate: 0.1, decay_steps: 9}}}}",
        "cannot set a learning rate that `CosineDecay` sets",
    ),
]


@pytest.mark.parametrize(("phase", "message"), WRONG)
def test_the_third_phase_is_checked_before_the_first_step(
    prepare: Prepare, phase: str, message: str
) -> None:
    with pytest.raises(Refused) as refused:
        prepare(spec("name: one", "name: two", f"name: three, {phase}"))
    found = refused.value.findings[0]
    assert message in found.message
    assert found.span is not None and found.span.line == 27


def test_the_model_is_ready_for_the_first_phase_once_all_are_checked(prepare: Prepare) -> None:
    prepared = prepare(spec("freeze: backbone, optimizer: {SGD: 0.5}", "metrics: []"))
    assert type(prepared.model.optimizer).__name__ == "SGD"
    assert len(prepared.model.trainable_weights) == 2
    first, second = prepared.stages
    assert (len(first.names), len(second.names)) == (4, 2)
    assert first.frozen.total.frozen == 2 and second.frozen.total.frozen == 0


def test_a_phase_goes_back_within_itself(trained: Train) -> None:
    wild = "on_divergence: {restore: 9, learning_rate: 1.0e-8}, optimizer: {SGD: 1.0e+30}"
    stop = "callbacks: [{EarlyStopping: {monitor: val_loss, patience: 0, min_delta: 10}}]"
    outcome = trained(spec(f"name: calm, epochs: 9, {stop}", f"name: wild, {wild}"))
    assert outcome.state.state == "finished"
    assert outcome.state.restores >= 1
    log = outcome.folder.log.read_text(encoding="utf-8")
    assert "back to epoch 2 with learning rate 1e+22 (1 of 9)" in log
    assert values(outcome, "phase") == ["calm", "calm", "wild", "wild"]


def test_a_checkpoint_knows_its_phase(trained: Train) -> None:
    outcome = trained(spec("name: one", "name: two, batch_size: 40"))
    snapshot = Checkpoints(outcome.folder.checkpoints).newest(print)
    assert snapshot is not None
    phases: Sequence[dict[str, Any]] = snapshot.state["recorder"]["phases"]
    assert [it["name"] for it in phases] == ["one", "two"]
