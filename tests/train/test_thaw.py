"""Runs that thaw gradually: what stays frozen in each part, what is told, stopping and going on."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelforge.findings import Refused, Stopped
from modelforge.runs import RunFolder
from modelforge.train.position import Position
from train.conftest import Train
from train.test_phases import rows_of, spec, values, watched  # noqa: F401
from train.test_phases_resume import same
from train.test_resume import Interrupting, _only_run

# `spec` has two epochs in all phases: these say what they need.
HEAD = "name: head, freeze: backbone, epochs: 1"
TUNE = "name: tune, epochs: 5, optimizer: {Adam: 0.02}, thaw: {layers: backbone, parts: 2}"
TWO = spec(HEAD, TUNE)
WHOLE = spec().replace("  phases:\n", "  thaw: [second, first]\n").replace("epochs: 2", "epochs: 5")
PARTS = ["tune-0", "tune-1", "tune-2"]


def changed(before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> set[str]:
    """The layers of which some weight is another."""
    paths = {path for path in before if not np.array_equal(before[path], after[path])}
    return {path.split("/")[-2] for path in paths if "seed" not in path}


@pytest.mark.parametrize(
    ("text", "names"),
    [(TWO, ["head", *PARTS, *PARTS[2:] * 2]), (WHOLE, ["thaw-0", "thaw-1", *["thaw-2"] * 3])],
)
def test_what_is_frozen_in_a_part_is_the_same_to_the_last_bit(
    watched: Any,  # noqa: F811
    text: str,
    names: list[str],
) -> None:
    outcome, watch = watched(text)
    assert values(outcome, "phase") == names
    ended = {it.path: it.numpy() for it in outcome.model.weights}
    begun = [*watch.weights, ended]
    trained = [changed(*pair) for pair in itertools.pairwise(begun)]
    parts = [{"head"}, {"head", "second"}, {"head", "second", "first"}]
    assert trained == [*parts[:1] * (len(trained) - 3), *parts]
    name = names[-1]
    begins = f"phase {name}: 3 epochs from epoch {len(names) - 2}; "
    assert any(line.startswith(begins) for line in watch.said)
    assert "backbone: 1 of 2 layers with weights, 40 parameters frozen" in watch.said


def test_a_part_that_is_ended_early_is_followed_by_the_next(trained: Train) -> None:
    stop = "callbacks: [{EarlyStopping: {monitor: val_loss, patience: 0, min_delta: 10}}]"
    text = spec(f"epochs: 20, thaw: {{layers: backbone, parts: 2, every: 5}}, {stop}")
    outcome = trained(text)
    assert values(outcome, "phase") == ["1-0"] * 2 + ["1-1"] * 2 + ["1-2"] * 2


@pytest.mark.parametrize("text", [TWO, WHOLE], ids=["in a phase", "alone"])
def test_a_run_stopped_in_each_part_is_the_run_that_was_not(
    trained: Train, text: str, tmp_path: Path
) -> None:
    whole = trained(text)
    stops = [Position(1, 3), Position(2, 5), Position(3, 1), Position(4, 8)]
    with pytest.raises(Stopped):
        trained(text, "name=stopped", reporter=Interrupting(stops[0]))
    (state,) = (tmp_path / "runs" / "stopped").glob("*/state.json")
    folder = RunFolder(state.parent)
    for stop in stops[1:]:
        with pytest.raises(Stopped):
            trained(text, "name=stopped", resume=folder, reporter=Interrupting(stop))
    trained(text, "name=stopped", resume=folder)
    same(folder, whole.folder)


def test_a_run_that_thaws_may_have_more_epochs(trained: Train, tmp_path: Path) -> None:
    more = "train.phases.tune.epochs=7"
    longer = rows_of(trained(TWO, more, "name=longer").folder)
    with pytest.raises(Stopped):
        trained(TWO, reporter=Interrupting(Position(3, 3)))
    (state,) = (tmp_path / "runs" / "phased").glob("*/state.json")
    folder = RunFolder(state.parent)
    resumed = trained(TWO, more, resume=folder)
    assert rows_of(resumed.folder) == longer
    assert values(resumed, "phase") == ["head", "tune-0", "tune-1"] + ["tune-2"] * 5
    with pytest.raises(Refused, match="has done its 8 epochs") as refused:
        trained(TWO, more, resume=folder)
    assert refused.value.findings[0].notes == (
        "for more of them: --set train.phases.tune.epochs=12",
    )
    outcome = trained(TWO, "train.phases.tune.epochs=8", resume=folder)
    assert outcome.state.epochs == 9


def test_a_whole_run_that_thaws_may_have_more_epochs(trained: Train) -> None:
    folder = trained(WHOLE).folder
    with pytest.raises(Refused, match="has done its 5 epochs") as refused:
        trained(WHOLE, resume=folder)
    assert refused.value.findings[0].notes == ("for more of them: --set train.epochs=8",)
    assert values(trained(WHOLE, "train.epochs=6", resume=folder), "phase")[2:] == ["thaw-2"] * 4


def test_other_parts_are_another_run(trained: Train, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        trained(TWO, reporter=Interrupting(Position(3, 3)))
    folder = _only_run(tmp_path / "runs")
    with pytest.raises(Refused) as refused:
        trained(TWO, "train.phases.tune.thaw.every=2", resume=folder)
    first, second = refused.value.findings  # `after` is `every` where it is not written
    assert first.message.startswith("`train.phases.1.thaw.every` is `2` and was `1`")
    assert second.message.startswith("`train.phases.1.thaw.after` is `2` and was `1`")
    with pytest.raises(Refused) as refused:
        trained(TWO, "train.phases.head.epochs=2", resume=folder)
    assert refused.value.findings[0].notes[0] == "the phase `head` is done"


def test_another_rate_is_used_from_there_on(trained: Train, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        trained(TWO, reporter=Interrupting(Position(3, 3)))
    folder = _only_run(tmp_path / "runs")
    allow = ["train.phases.tune.optimizer"]
    text = TWO.replace("Adam: 0.02", "Adam: 0.001")
    outcome = trained(text, resume=folder, allow=allow)
    assert values(outcome, "learning_rate") == pytest.approx([0.01, 0.02, 0.02, *[0.001] * 3])


def test_what_only_the_built_model_tells(prepare: Any) -> None:
    text = """\
modelforge: 1
data: {train: Digits, batch_size: 64}
model:
  inputs: {image: {shape: [8, 8, 1]}}
  layers:
    - ZeroPadding2D: 12
    - Concatenate: {axis: -1}
      from: [zero_padding2d, zero_padding2d, zero_padding2d]
    - MobileNetV2: {weights: null, include_top: false, pooling: avg, alpha: 0.35}
      name: backbone
    - Dense: {units: 10, activation: softmax}
train:
  loss: SparseCategoricalCrossentropy
  epochs: 4
  thaw: PARTS
"""
    named = '{layers: backbone, parts: [["Conv_1*", "block_16*"], "block_15*"]}'
    prepared = prepare(text.replace("PARTS", named))
    layers = [stage.frozen.groups()["backbone"].frozen for stage in prepared.stages]
    assert [before - after for before, after in itertools.pairwise(layers)] == [8, 6]
    with pytest.raises(Refused) as refused:
        prepare(text.replace("PARTS", named.replace("block_15", "blok_15")))
    (finding,) = refused.value.findings
    assert (finding.rule, finding.message) == ("thaw-nothing", "`blok_15*` selects no layer")
    assert finding.span is not None and finding.span.line == 15
    with pytest.raises(Refused, match="`parts: 2` is more than the 1 layer to thaw"):
        prepare(text.replace("PARTS", "{layers: Conv1, parts: 2}"))
