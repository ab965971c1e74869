"""A run leaves behind what it promises, and its numbers can be had again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import keras
import pytest
import tensorflow as tf

from modelforge.findings import Diverged, Lost, Refused
from modelforge.runs import RunFolder, read_history
from modelforge.train import recorder
from modelforge.train.checkpoints import Snapshot, store
from train.conftest import DIABETES, IRIS, Train

CALLBACKS = """\
  callbacks:
    - EarlyStopping: {monitor: val_loss, patience: 0, min_delta: 10, restore_best_weights: true}
    - CSVLogger: log.csv
    - ModelCheckpoint: "models/{epoch}.keras"
"""


def test_a_run_folder_holds_what_is_promised(trained: Train) -> None:
    outcome = trained()
    folder = outcome.folder
    promised = "spec.yaml resolved.yaml environment.json data.json history.csv history.jsonl events"
    promised += " checkpoints best.keras final.keras log.txt state.json .lock"
    assert sorted(path.name for path in folder.path.iterdir()) == sorted(promised.split())
    assert folder.spec.read_text(encoding="utf-8") == IRIS
    environment = json.loads(folder.environment.read_text(encoding="utf-8"))
    assert environment["packages"]["keras"] == keras.__version__
    assert environment["strategy"]["name"] == "none"
    assert folder.read_data()["classes"] == ["setosa", "versicolor", "virginica"]
    assert len(folder.log.read_text(encoding="utf-8").splitlines()) == 3


def test_the_best_model_is_that_of_the_lowest_validation_loss(trained: Train) -> None:
    outcome = trained(IRIS, "train.epochs=5", "train.optimizer.Adam=0.1")
    rows = read_history(outcome.folder.path)
    best = min(rows, key=lambda row: row["val_loss"])
    assert outcome.state.best_epoch == best["epoch"]
    assert outcome.state.best["val_loss"] == best["val_loss"]
    assert outcome.state.final["val_loss"] == rows[-1]["val_loss"]
    assert best["epoch"] < 5 or best is rows[-1]
    model = keras.saving.load_model(outcome.folder.best)
    again = model.evaluate(_validation(outcome), return_dict=True, verbose=0)
    assert again["loss"] == pytest.approx(best["val_loss"], rel=1e-5)
    assert again["accuracy"] == pytest.approx(best["val_accuracy"], rel=1e-5)


def test_without_validation_the_training_loss_decides(trained: Train) -> None:
    outcome = trained(IRIS.replace("  validation: 0.2\n", ""))
    assert outcome.state.monitor == "loss"
    assert "val_loss" not in outcome.state.final


def test_the_resolved_spec_trains_to_the_same_result(trained: Train) -> None:
    text = IRIS.replace("deterministic: false", "deterministic: true")
    first = trained(text)
    again = trained(first.folder.resolved.read_text(encoding="utf-8"))
    assert _losses(again.folder) == _losses(first.folder)


def test_callbacks_write_inside_the_run_folder(trained: Train) -> None:
    outcome = trained(IRIS + CALLBACKS)
    path = outcome.folder.path
    assert (path / "log.csv").read_text(encoding="utf-8").startswith("epoch,accuracy,loss,val_")
    assert (path / "models" / "1.keras").exists()


def test_callbacks_of_every_sort_do_their_work(trained: Train) -> None:
    several = (
        "  callbacks:\n    - BackupAndRestore: backup\n    - TerminateOnNaN\n"
        "    - ReduceLROnPlateau: {patience: 1, min_delta: 10, factor: 0.5}\n"
        "    - SwapEMAWeights: {swap_on_epoch: true}\n"
    )
    text = (IRIS + several).replace("{Adam: 0.01}", "{Adam: {learning_rate: 0.01, use_ema: true}}")
    outcome = trained(text)
    rates = [row["learning_rate"] for row in read_history(outcome.folder.path)]
    assert rates == pytest.approx([0.01, 0.005, 0.0025])


def test_the_epoch_that_early_stopping_restored_is_told(trained: Train) -> None:
    outcome = trained(IRIS + CALLBACKS)
    assert outcome.state.epochs == 2
    assert outcome.state.restored_epoch == 1
    log = outcome.folder.log.read_text(encoding="utf-8")
    assert "EarlyStopping restored the weights of epoch 1" in log
    restored = keras.saving.load_model(outcome.folder.final)
    first = keras.saving.load_model(outcome.folder.path / "models" / "1.keras")
    for one, other in zip(restored.get_weights(), first.get_weights(), strict=True):
        assert (one == other).all()


def test_values_are_written_as_tensorboard_events(trained: Train) -> None:
    outcome = trained()
    (path,) = (outcome.folder.events / "validation").iterdir()
    events = [
        (value.tag, event.step, float(tf.make_ndarray(value.tensor)))
        for event in tf.compat.v1.train.summary_iterator(str(path))
        for value in event.summary.value
    ]
    losses = [row["val_loss"] for row in read_history(outcome.folder.path)]
    written = [value for tag, _, value in events if tag == "epoch_loss"]
    assert written == pytest.approx(losses)
    assert [step for tag, step, _ in events if tag == "epoch_loss"] == [0, 1, 2]


def test_epochs_that_are_done_again_stand_once_in_the_events(trained: Train) -> None:
    folder = trained().folder
    # As if it had been killed at the end of the third epoch: what it wrote of it is there.
    max(folder.checkpoints.glob("*.npz")).unlink()
    trained(IRIS, "train.epochs=4", resume=folder)
    assert "resuming after epoch 2" in folder.log.read_text(encoding="utf-8")
    for part in ("train", "validation"):
        (path,) = (folder.events / part).iterdir()
        events = tf.compat.v1.train.summary_iterator(str(path))
        found = [(value.tag, event.step) for event in events for value in event.summary.value]
        assert [step for tag, step in found if tag == "epoch_loss"] == [0, 1, 2, 3]
        assert len(found) == len(set(found))


def test_a_loss_that_is_no_number_stops_the_run_and_is_explained(
    trained: Train, tmp_path: Path
) -> None:
    with pytest.raises(Diverged) as diverged:
        trained(DIABETES, "train.optimizer.SGD=1e12")
    assert diverged.value.exit_code == 4
    (finding,) = diverged.value.findings
    assert finding.rule == "diverged"
    assert "in epoch 1, step" in finding.message
    assert any("learning rate is too high (it is 1000000000000.0)" in n for n in finding.notes)
    (state_file,) = tmp_path.glob("runs/*/*/state.json")
    state = RunFolder(state_file.parent).state()
    assert state is not None and state.state == "failed" and "loss became" in state.reason
    assert not (state_file.parent / "final.keras").exists()


def test_a_full_disk_is_lost_and_keeps_the_checkpoint_before(
    trained: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = store._write

    def full(path: Path, snapshot: Snapshot) -> None:
        if snapshot.position.epoch == 2:
            path.write_bytes(b"half")
            raise OSError(28, "No space left on device", str(path))
        write(path, snapshot)

    monkeypatch.setattr(store, "_write", full)
    with pytest.raises(Lost, match="disk is full") as lost:
        trained()
    assert lost.value.exit_code == 5
    (folder,) = tmp_path.glob("runs/*/*/checkpoints")
    assert [path.name for path in folder.iterdir()] == ["000001-00000000.npz"]


def test_a_defect_is_not_hidden(trained: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise AttributeError("a defect")

    monkeypatch.setattr(recorder.Recorder, "step_done", broken)
    with pytest.raises(AttributeError, match="a defect"):
        trained()


def test_a_run_that_is_running_is_not_resumed(trained: Train) -> None:
    folder = trained().folder
    state = folder.state()
    assert state is not None
    folder.set_state(replace(state, state="running", host="elsewhere"))
    with pytest.raises(Refused, match="still running"):
        trained(resume=folder)


def _validation(outcome: object) -> object:
    from modelforge.data.open import open_data
    from modelforge.findings import Findings
    from modelforge.graph import load

    folder = outcome.folder  # type: ignore[attr-defined]
    findings = Findings()
    loaded = load(str(folder.resolved), (), findings)
    assert loaded is not None and loaded.spec.data is not None
    split = open_data(loaded.spec.data, folder.path, findings).validation
    assert split is not None
    return split.batches()


def _losses(folder: RunFolder) -> list[float]:
    return [row["loss"] for row in read_history(folder.path)]
