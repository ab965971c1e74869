"""`thaw`: the phases that it makes, how they are told, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelforge.catalog import Catalog
from modelforge.cli.freezing import foreseen
from modelforge.document.write import to_yaml
from modelforge.findings import Findings
from modelforge.findings.text import render
from modelforge.graph import Loaded, load
from modelforge.spec import TrainSection
from modelforge.spec.resolved import Resolved

SPEC = """\
modelforge: 1
name: thawed
data: {train: Iris, batch_size: 16}
model:
  inputs: {flower: {shape: [4]}}
  layers:
    - model:
        inputs: {features: {shape: [4]}}
        layers:
          - {Dense: 4, name: d1}
          - {Dense: 4, name: d2}
          - ReLU
          - {Dense: 4, name: d3}
          - BatchNormalization
          - {Dense: 4, name: d4}
      name: backbone
    - {Dense: 3, name: head}
train: {loss: {SparseCategoricalCrossentropy: {from_logits: true}}, epochs: 9, REST}
"""
SHORT = {f"backbone/d{number}": f"{number}" for number in (1, 2, 3, 4)} | {
    "backbone/batch_normalization": "b",
    "head": "h",
}


def loaded(folder: Path, rest: str, *overrides: str) -> tuple[Loaded | None, Findings]:
    path, findings = folder / "spec.yaml", Findings()
    path.write_text(SPEC.replace("REST", rest), encoding="utf-8")
    return load(str(path), overrides, findings), findings


def train_of(folder: Path, rest: str, *overrides: str) -> tuple[Loaded, TrainSection]:
    found, findings = loaded(folder, rest, *overrides)
    assert found is not None and found.spec.train is not None, render(findings)
    return found, found.spec.train


def frozen_by_phase(found: Loaded) -> dict[str, str]:
    """By phase the layers that are frozen, in the order of the calls."""
    told = foreseen(found)
    assert told is not None
    return {
        name: "".join(SHORT[path] for path, it in frozen.layers.items() if it.frozen)
        for name, frozen in told.items()
    }


# What is frozen in each phase, how many epochs each has.
EXPANSIONS = [
    (
        "thaw: {layers: backbone, parts: 5}",
        "thaw-0 123b4, thaw-1 123b, thaw-2 123, thaw-3 12, thaw-4 1, thaw-5 ",
        [1, 1, 1, 1, 1, 4],
    ),
    (
        "thaw: {layers: backbone, parts: 2, every: 3}",
        "thaw-0 123b4, thaw-1 123, thaw-2 ",
        [3, 3, 3],
    ),
    (
        "thaw: {layers: backbone, parts: 3, after: 4}",
        "thaw-0 123b4, thaw-1 123, thaw-2 12, thaw-3 ",
        [4, 1, 1, 3],
    ),
    ("thaw: {layers: backbone, parts: 1, after: 8}", "thaw-0 123b4, thaw-1 ", [8, 1]),
    ("thaw: {layers: backbone, parts: 1, after: 0}", "thaw-1 ", [9]),
    ("thaw: {parts: 3, after: 0}", "thaw-1 123b, thaw-2 12, thaw-3 ", [1, 1, 7]),
    ("thaw: {except: head, parts: 2}", "thaw-0 123b4, thaw-1 123, thaw-2 ", [1, 1, 7]),
    (
        "thaw: {layers: [d1, d2, d3, d4], except: [d3], parts: 3}",
        "thaw-0 124, thaw-1 12, thaw-2 1, thaw-3 ",
        [1, 1, 1, 6],
    ),
    # Parts by name: what no part names stays frozen where `layers` has it.
    ("thaw: [d4, [d3, d2]]", "thaw-0 234, thaw-1 23, thaw-2 ", [1, 1, 7]),
    (
        "thaw: {layers: backbone, parts: [d4, d3], every: 2}",
        "thaw-0 123b4, thaw-1 123b, thaw-2 12b",
        [2, 2, 5],
    ),
    ('thaw: ["*/d[34]", "*/d*"]', "thaw-0 1234, thaw-1 12, thaw-2 ", [1, 1, 7]),
    ("thaw: [BatchNormalization, backbone]", "thaw-0 123b4, thaw-1 1234, thaw-2 ", [1, 1, 7]),
    # `freeze` holds for good; parts of equal size are those of the rest.
    (
        "freeze: [d1, BatchNormalization], thaw: {layers: backbone, parts: 3}",
        "thaw-0 123b4, thaw-1 123b, thaw-2 12b, thaw-3 1b",
        [1, 1, 1, 6],
    ),
    (
        "freeze: {until: d2}, thaw: {layers: backbone, parts: [d4, [d1, d3]]}",
        "thaw-0 123b4, thaw-1 123b, thaw-2 12b",
        [1, 1, 7],
    ),
    # In phases.
    (
        "phases: [{name: head, freeze: backbone, epochs: 2}, "
        "{name: tune, thaw: {layers: backbone, parts: 2, after: 0}}]",
        "head 123b4, tune-1 123, tune-2 ",
        [2, 1, 8],
    ),
    (
        "phases: [{thaw: [d4], epochs: 2}, {thaw: {parts: [d4, d3], every: 2}}, {}]",
        "1-0 4, 1-1 , 2-0 34, 2-1 3, 2-2 , 3 ",
        [1, 1, 2, 2, 5, 9],
    ),
]


@pytest.mark.parametrize(("rest", "frozen", "epochs"), EXPANSIONS)
def test_it_makes_phases(rest: str, frozen: str, epochs: list[int], tmp_path: Path) -> None:
    found, train = train_of(tmp_path, rest)
    assert frozen_by_phase(found) == dict(each.split(" ") for each in frozen.split(", "))
    assert [phase.train.epochs for phase in train.phases] == epochs
    assert all(phase.train.thaw is None for phase in train.phases)


@pytest.mark.parametrize("rest", [rest for rest, _, _ in EXPANSIONS])
def test_the_resolved_spec_is_the_same_spec(rest: str, tmp_path: Path, catalog: Catalog) -> None:
    found, train = train_of(tmp_path, rest)
    text = to_yaml(Resolved(catalog).spec(found.spec))
    again = tmp_path / "again.yaml"
    again.write_text(text, encoding="utf-8")
    read = load(str(again), (), Findings())
    assert read is not None and read.spec.train is not None
    assert to_yaml(Resolved(catalog).spec(read.spec)) == text
    assert [phase.train.freeze and phase.train.freeze.part for phase in train.phases] == [
        phase.train.freeze and phase.train.freeze.part for phase in read.spec.train.phases
    ]
    assert "every: " in text and "thaw-1" not in text  # as it was written, with every default


def test_one_value_is_changed_by_hand(tmp_path: Path) -> None:
    _, train = train_of(tmp_path, "thaw: {layers: backbone, parts: 4}", "train.thaw.parts=3")
    assert [phase.name for phase in train.phases] == ["thaw-0", "thaw-1", "thaw-2", "thaw-3"]
    phases = "phases: [{name: tune, thaw: {layers: backbone, parts: 4}}]"
    overrides = ("train.phases.tune.thaw.parts=1", "train.phases.0.thaw.every=2")
    _, train = train_of(tmp_path, phases, *overrides)
    assert [phase.train.epochs for phase in train.phases] == [2, 7]


def test_a_part_has_all_that_its_phase_says(tmp_path: Path) -> None:
    said = "{name: tune, thaw: [d4, d3], start: last, optimizer: {SGD: 0.5}, batch_size: 3}"
    _, train = train_of(tmp_path, f"phases: [{{name: head}}, {said}]")
    parts = train.phases[1:]
    assert [phase.name for phase in parts] == ["tune-0", "tune-1", "tune-2"]
    assert {(phase.start, phase.batch_size) for phase in parts} == {("last", 3)}
    assert {phase.train.optimizer.name for phase in parts} == {"SGD"}
    assert {phase.path for phase in parts} == {"train.phases.tune"}
    assert [train.item_of(number) for number in range(4)] == [0, 1, 1, 1]


def test_epochs_that_the_data_tells(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    text = SPEC.replace("epochs: 9, REST", 'epochs: "${2 * data.classes}", thaw: {parts: [d4, d3]}')
    path.write_text(text, encoding="utf-8")
    found = load(str(path), (), Findings())
    assert found is not None and found.spec.train is not None
    assert [phase.train.epochs for phase in found.spec.train.phases] == [1, 1, 4]
    path.write_text(text.replace("2 * data", "data"), encoding="utf-8")
    findings = Findings()
    assert load(str(path), ["train.thaw.every=2"], findings) is None
    (error,) = findings.errors
    assert error.rule == "thaw-epochs" and "and there are 3" in error.message


def test_more_phases_than_there_may_be(tmp_path: Path) -> None:
    each = "{epochs: 99, thaw: {parts: 5}}"
    found, findings = loaded(tmp_path, f"phases: [{', '.join([each] * 17)}]")
    assert found is None
    (error,) = findings.errors
    assert error.rule == "too-many-phases"
    assert "these are 102 phases, more than 100" in error.message


@pytest.mark.parametrize(
    "thaw",
    ["0", "''", "{}", "[{}]", "[[[d1]]]", "{parts: {}}", "{parts: -1}", "{parts: 1.5}", "[1]",
     "{parts: true}", "{parts: 2, every: 0}", "{parts: 2, after: -1}", "{parts: 2, every: x}",
     "{parts: 1000000000000}", "{parts: 2, every: 1000000000000}", "{parts: [d1], layers: []}",
     "{parts: 2, layers: {}}", "'${data.classes}'", "'${nothing}'", "{parts: '${data.classes}'}",
     "{parts: ['${data.classes}']}", "{parts: 2, after: '${data.classes}'}"],
)  # fmt: skip
@pytest.mark.parametrize("where", ["thaw: {}", "phases: [{{}}, {{thaw: {}}}]"])
def test_whatever_stands_there_is_told(thaw: str, where: str, tmp_path: Path) -> None:
    found, findings = loaded(tmp_path, where.format(thaw))
    assert found is None
    assert findings.errors and all(it.span is not None for it in findings.errors)
