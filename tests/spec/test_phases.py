"""`train.phases`: what a phase inherits and replaces, and what is wrong with a list of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelforge.catalog import Catalog
from modelforge.document.write import to_yaml
from modelforge.findings import Findings
from modelforge.graph import Loaded, load
from modelforge.spec import Spec, TrainSection
from modelforge.spec.resolved import Resolved

SPEC = """\
modelforge: 1
name: phased
data: {train: Digits, batch_size: 64, augment: [{RandomFlip: horizontal}]}
model:
  layers:
    - Flatten
    - Dense: {units: 10, activation: softmax}
train:
  loss: SparseCategoricalCrossentropy
  optimizer: {Adam: 0.01}
  epochs: 4
  callbacks: [{EarlyStopping: {monitor: loss}}]
  phases: PHASES
"""


def loaded(folder: Path, phases: str, *overrides: str) -> tuple[Loaded | None, Findings]:
    path, findings = folder / "spec.yaml", Findings()
    path.write_text(SPEC.replace("PHASES", phases), encoding="utf-8")
    return load(str(path), overrides, findings), findings


def spec_of(folder: Path, phases: str, *overrides: str) -> Spec:
    found, findings = loaded(folder, phases, *overrides)
    assert found is not None, list(findings)
    return found.spec


def train_of(folder: Path, phases: str, *overrides: str) -> TrainSection:
    train = spec_of(folder, phases, *overrides).train
    assert train is not None
    return train


def test_a_phase_inherits_what_it_does_not_say(tmp_path: Path) -> None:
    phases = "[{name: head, epochs: 2}, {optimizer: {SGD: {momentum: 0.9}}, callbacks: []}]"
    first, second = train_of(tmp_path, phases).phases
    assert (first.name, second.name) == ("head", "2")
    assert (first.train.epochs, second.train.epochs) == (2, 4)
    assert first.train.optimizer.arguments == {"learning_rate": 0.01}
    assert second.train.optimizer.arguments == {"momentum": 0.9}  # nothing is left of Adam
    assert [it.name for it in first.train.callbacks] == ["EarlyStopping"]
    assert second.train.callbacks == ()
    assert (first.start, second.start) == ("best", "best")
    assert not first.train.phases


def test_a_spec_without_phases_is_one_without_a_name(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(SPEC.replace("  phases: PHASES\n", ""), encoding="utf-8")
    found = load(str(path), (), Findings())
    assert found is not None and found.spec.train is not None
    (only,) = found.spec.train.parts
    assert (only.name, only.train) == ("", found.spec.train)
    assert "phases" not in Resolved(found.catalog).spec(found.spec)["train"]


def test_a_phase_serves_data_in_its_own_way(tmp_path: Path) -> None:
    phases = "[{}, {batch_size: {per_replica: 8}, augment: [], augment_by: batch}, {batch_size: 3}]"
    spec = spec_of(tmp_path, phases)
    assert spec.data is not None and spec.train is not None
    same, other, third = (phase.data(spec.data) for phase in spec.train.phases)
    assert same is spec.data
    assert (other.batch_size, other.per_replica, other.augment_by) == (8, True, "batch")
    assert other.augment == () and len(third.augment) == 1
    assert (third.batch_size, third.per_replica) == (3, False)
    assert other.span_of("batch_size").column > 2  # the phase is blamed, not `data`


def test_paths_lead_into_a_phase_by_name_and_by_number(tmp_path: Path) -> None:
    phases = "[{name: head}, {name: tune}]"
    train = train_of(
        tmp_path, phases, "train.phases.tune.epochs=9", "train.phases.0.optimizer={SGD: 0.5}"
    )
    assert [phase.train.epochs for phase in train.phases] == [4, 9]
    assert train.phases[0].train.optimizer.name == "SGD"


def test_the_resolved_spec_is_the_same_spec(tmp_path: Path, catalog: Catalog) -> None:
    phases = (
        "[{name: a, callbacks: [], batch_size: {per_replica: 4}}, {name: b, start: last, "
        "augment: [], on_divergence: {restore: 0}, optimizer: SGD, metrics: [], "
        "loss: {SparseCategoricalCrossentropy: {ignore_class: 3}}}]"
    )
    spec = spec_of(tmp_path, phases)
    text = to_yaml(Resolved(catalog).spec(spec))
    again = tmp_path / "again.yaml"
    again.write_text(text, encoding="utf-8")
    read = load(str(again), (), Findings())
    assert read is not None and read.spec.train is not None and spec.train is not None
    assert to_yaml(Resolved(catalog).spec(read.spec)) == text
    for phase, other in zip(spec.train.phases, read.spec.train.phases, strict=True):
        assert (phase.own, phase.start, phase.augment) == (other.own, other.start, other.augment)
        assert phase.train.callbacks == () or other.train.callbacks != ()


WRONG = [
    ("[]", "empty", "`phases` of `train` is empty", ""),
    ("[{epoch: 3}]", "unknown-key", "a phase has no key `epoch`", "did you mean `epochs`?"),
    (
        "[{seed: 3}]",
        "unknown-key",
        "a phase has no key `seed`",
        "write `seed` under `train`: it is the same in all phases",
    ),
    (
        "[{learning_rate: 3}]",
        "unknown-key",
        "a phase has no key `learning_rate`",
        "write `optimizer: {Adam: {learning_rate: ...}}`",
    ),
    ("[{name: a}, {name: a}]", "name-twice", "two phases are called `a`", "name of its own"),
    ('[{name: "2"}, {}]', "name-twice", "two phases are called `2`", "give this one a name"),
    ("[{name: a/b}]", "wrong-type", "`name` must be letters, digits", ""),
    ("[{start: last}]", "first-phase", "the first phase has none before it", "leave out `start`"),
    ("[{}, {start: lst}]", "wrong-value", "must be one of best, last", "did you mean `last`?"),
    ("[{loss: {Hubr: {delta: 1}}}]", "unknown-loss", "there is no loss `Hubr`", "`Huber`?"),
    ("[{optimizer: Adm}]", "unknown-optimizer", "there is no optimizer `Adm`", "`Adam`?"),
    ("{head: {epochs: 3}}", "wrong-type", "`phases` of `train` must be a list of phases", ""),
]


@pytest.mark.parametrize(("phases", "rule", "message", "hint"), WRONG)
def test_what_is_wrong_with_phases_is_told(
    phases: str, rule: str, message: str, hint: str, tmp_path: Path
) -> None:
    found, findings = loaded(tmp_path, phases)
    assert found is None
    (error,) = findings.errors
    assert error.rule == rule
    assert message in error.message
    assert hint in error.hint
    assert error.span is not None and error.span.line == 13


def test_a_loss_of_a_phase_is_held_against_the_data_at_its_own_place(tmp_path: Path) -> None:
    _, findings = loaded(tmp_path, "[{}, {loss: BinaryCrossentropy}]")
    (error,) = findings.errors
    assert error.span is not None and error.span.line == 13
    assert "BinaryCrossentropy" in error.message


def test_what_is_inherited_is_blamed_once(tmp_path: Path) -> None:
    _, findings = loaded(tmp_path, "[{}, {}]", "train.loss=BinaryCrossentropy")
    assert len(findings.errors) == 1


def test_arguments_that_keras_refuses_are_found_in_a_phase(tmp_path: Path) -> None:
    phases = "[{}, {optimizer: {Adam: {clipnorm: 1.0, clipvalue: 1.0}}}]"
    _, findings = loaded(tmp_path, phases)
    (error,) = findings.errors
    assert error.rule == "refused-arguments"
    assert error.span is not None and error.span.line == 13
