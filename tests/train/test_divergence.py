"""A loss that is no number ends a run at once, or takes it back to its last checkpoint."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from modelforge.findings import Diverged, Refused
from modelforge.runs import RunFolder, read_history
from modelforge.train.checkpoints import Checkpoints
from train.conftest import DIABETES, IRIS, Train
from train.test_resume import _only_run

WILD = DIABETES.replace("{SGD: 0.001}", "{SGD: 100000.0}").replace("epochs: 2", "epochs: 4")
GOING_BACK = "  on_divergence: {restore: 9, learning_rate: 1.0e-8}\n"


def _finite(folder: RunFolder) -> bool:
    snapshot = Checkpoints(folder.checkpoints).newest(print)
    assert snapshot is not None
    return all(np.isfinite(array).all() for array in snapshot.variables.values())


def test_the_batch_is_named(trained: Train) -> None:
    with pytest.raises(Diverged) as diverged:
        trained(WILD)
    (finding,) = diverged.value.findings
    (batch,) = (note for note in finding.notes if note.startswith("the batch: samples "))
    numbers = batch.removeprefix("the batch: samples ").split(" and ")[0].split(", ")
    assert len(numbers) == 8 and all(0 <= int(number) < 442 for number in numbers)
    assert batch.endswith("and 56 more")


def test_the_samples_that_hold_nan_are_named(trained: Train, tmp_path: Path) -> None:
    values = np.ones((20, 3), "float32")
    np.savez(tmp_path / "bad.npz", x=values, y=np.full(20, np.float32(3e38)))
    text = DIABETES.replace("train: Diabetes", "train: {NPZ: bad.npz}")
    text = text.replace("  validation: 0.2\n", "").replace("batch_size: 64", "batch_size: 4")
    with pytest.raises(Diverged, match="the loss became inf in epoch 1, step 1"):
        trained(text)


def test_a_run_goes_back_and_lowers_its_rate(trained: Train) -> None:
    outcome = trained(WILD + GOING_BACK)
    assert outcome.state.state == "finished"
    assert outcome.state.restores >= 1
    rates = {row["learning_rate"] for row in read_history(outcome.folder.path)}
    assert max(rates) == pytest.approx(1e5 * 1e-8**outcome.state.restores, rel=1e-5)
    log = outcome.folder.log.read_text(encoding="utf-8")
    assert "back to epoch 0 with learning rate 0.001 (1 of 9)" in log
    assert _finite(outcome.folder)


def test_it_does_not_go_back_for_ever(trained: Train, tmp_path: Path) -> None:
    text = WILD + "  on_divergence: {restore: 2, learning_rate: 1}\n"
    with pytest.raises(Diverged) as diverged:
        trained(text)
    assert diverged.value.exit_code == 4
    assert "the run went back 2 times already" in diverged.value.findings[0].notes
    folder = _only_run(tmp_path / "runs")
    log = folder.log.read_text(encoding="utf-8")
    assert "(2 of 2)" in log and "(3 of 2)" not in log
    assert _finite(folder)
    # How often it went back is not forgotten by resuming.
    with pytest.raises(Diverged):
        trained(text, resume=folder)
    assert "(1 of 2)" not in folder.log.read_text(encoding="utf-8").split("resuming", 1)[1]


def test_weights_that_are_no_numbers_are_never_kept(trained: Train, tmp_path: Path) -> None:
    # A single step: its loss is finite, and its weights are not.
    text = WILD.replace("100000.0", "1.0e+38").replace("batch_size: 64", "batch_size: all")
    with pytest.raises(Diverged, match=r"`model/dense.*` became NaN or infinite before the end"):
        trained(text.replace("epochs: 4", "epochs: 1"))
    folder = _only_run(tmp_path / "runs")
    assert not list(folder.checkpoints.iterdir())
    assert not folder.best.exists()


def test_a_schedule_cannot_be_lowered(trained: Train) -> None:
    rate = "{Adam: {learning_rate: {CosineDecay: {initial_learning_rate: 1, decay_steps: 9}}}}"
    text = IRIS.replace("{Adam: 0.01}", rate)
    with pytest.raises(Refused, match="`on_divergence` cannot lower a learning rate") as refused:
        trained(text + "  on_divergence: {restore: 1}\n")
    assert refused.value.findings[0].rule == "two-rates"
    trained(text + "  on_divergence: {restore: 1, learning_rate: 1}\n")


def test_a_run_that_was_on_a_wrong_way_goes_back_further(
    trained: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from modelforge.train.execute import NotFinite
    from modelforge.train.position import Position
    from modelforge.train.recorder import Recorder

    done = Recorder.step_done

    def failing(self: Recorder, position: Position, logs: dict[str, float]) -> None:
        if position == Position(3, 2) and self.state.restores < 2:
            raise NotFinite(position, float("nan"))
        done(self, position, logs)

    monkeypatch.setattr(Recorder, "step_done", failing)
    outcome = trained(DIABETES, "train.epochs=4", "train.on_divergence={restore: 2}")
    log = outcome.folder.log.read_text(encoding="utf-8")
    assert "back to epoch 3 with learning rate 0.0005 (1 of 2)" in log
    assert "back to epoch 2 with learning rate 0.0005 (2 of 2)" in log
    rows = read_history(outcome.folder.path)
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4]
