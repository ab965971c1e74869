"""Everything that a run is made of comes back when it is resumed: one test for each item.

A run is stopped in the middle of an epoch, after its learning rate was cut, and resumed; what it
comes to is held against a run that nobody stopped. Each item is then taken out of the checkpoint:
were the run the same without it, the test would say nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from modelforge.findings import Findings, Stopped
from modelforge.runs import RunFolder, RunState, read_history
from modelforge.train import train
from modelforge.train.checkpoints import Checkpoints, Snapshot
from modelforge.train.position import Position
from modelforge.train.prepare import prepare_model
from train.conftest import IRIS
from train.test_resume import Interrupting

SPEC = (
    IRIS.replace("deterministic: false", "deterministic: true")
    .replace("epochs: 3", "epochs: 9")
    .replace("Adam: 0.01", "Adam: 0.1")
    + """\
  callbacks:
    - ReduceLROnPlateau: {monitor: loss, patience: 2, min_delta: 2, factor: 0.5}
    - EarlyStopping: {monitor: loss, patience: 6, min_delta: 2, restore_best_weights: true}
    - CSVLogger: rows.csv
"""
)
SCHEDULE = (SPEC[: SPEC.index("    - ReduceLROnPlateau")].removesuffix("  callbacks:\n")).replace(
    "{Adam: 0.1}",
    "{Adam: {learning_rate: {CosineDecay: {initial_learning_rate: 0.1, decay_steps: 70}}}}",
)
STOP = Position(4, 3)


@dataclass
class Run:
    """What a run came to."""

    folder: RunFolder
    asked: list[tuple[int, int]]

    @property
    def rows(self) -> list[dict[str, float]]:
        """The history without the seconds."""
        rows = read_history(self.folder.path)
        return [{name: it for name, it in row.items() if name != "seconds"} for row in rows]

    @property
    def snapshot(self) -> Snapshot:
        """The last checkpoint."""
        found = Checkpoints(self.folder.checkpoints).newest(print)
        assert found is not None
        return found

    @property
    def state(self) -> RunState:
        """How the run stands."""
        found = self.folder.state()
        assert found is not None
        return found

    def variables(self, wanted: Callable[[str], bool]) -> dict[str, bytes]:
        """The bits of the variables of these names."""
        found = self.snapshot.variables
        return {name: array.tobytes() for name, array in found.items() if wanted(name)}


def _train(text: str, place: Path, stop: Position | None = None, resume: bool = False) -> Run:
    place.mkdir(exist_ok=True)
    (place / "spec.yaml").write_text(text, encoding="utf-8")
    prepared = prepare_model(str(place / "spec.yaml"), [], Findings())
    asked: list[tuple[int, int]] = []
    split = prepared.bundle.train

    def make(epoch: int, first_step: int, replicas: Any, epochs: int) -> Any:
        asked.append((epoch, first_step))
        return split.make(epoch, first_step, replicas, epochs)

    bundle = replace(prepared.bundle, train=replace(split, make=make))
    execution = replace(prepared.execution, bundle=bundle)
    stage = replace(prepared.stages[0], execution=execution)
    prepared = replace(prepared, bundle=bundle, stages=(stage,))
    folder = RunFolder(place / "run") if resume else RunFolder.create_at(place / "run")
    if stop is None:
        train(prepared, folder, resume=resume)
    else:
        with pytest.raises(Stopped):
            train(prepared, folder, Interrupting(stop))
    return Run(folder, asked)


def _pair(text: str, root: Path) -> tuple[Run, Run]:
    whole = _train(text, root / "whole")
    _train(text, root / "resumed", STOP)
    shutil.copytree(root / "resumed", root / "stopped")
    return whole, _train(text, root / "resumed", resume=True)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("items")


@pytest.fixture(scope="module")
def runs(place: Path) -> tuple[Run, Run]:
    """A run that nobody stopped, and one that was stopped and resumed."""
    return _pair(SPEC, place)


def _is_weight(name: str) -> bool:
    return name.startswith("model/") and "seed_generator" not in name


def _is_slot(name: str) -> bool:
    return name.startswith("optimizer/") and name.endswith(("/momentum", "/velocity"))


def _is_iteration(name: str) -> bool:
    return name.endswith("/iteration")


def _is_seed(name: str) -> bool:
    return "seed_generator" in name


def test_weights(runs: tuple[Run, Run]) -> None:
    whole, resumed = runs
    assert len(whole.variables(_is_weight)) == 4
    assert resumed.variables(_is_weight) == whole.variables(_is_weight)


def test_slots_of_the_optimizer(runs: tuple[Run, Run]) -> None:
    whole, resumed = runs
    assert len(whole.variables(_is_slot)) == 8
    assert resumed.variables(_is_slot) == whole.variables(_is_slot)


def test_iteration(runs: tuple[Run, Run]) -> None:
    whole, resumed = runs
    (name,) = whole.variables(_is_iteration)
    assert whole.snapshot.variables[name] == 8 * whole.state.epochs
    assert resumed.variables(_is_iteration) == whole.variables(_is_iteration)


def test_schedule(tmp_path: Path) -> None:
    whole, resumed = _pair(SCHEDULE, tmp_path)
    rates = [row["learning_rate"] for row in whole.rows]
    assert len(set(rates)) == 9
    assert [row["learning_rate"] for row in resumed.rows] == rates


def test_epoch(runs: tuple[Run, Run]) -> None:
    whole, resumed = runs
    assert [row["epoch"] for row in resumed.rows] == list(range(1, whole.state.epochs + 1))
    assert resumed.asked[0][0] == STOP.epoch


def test_batch(runs: tuple[Run, Run]) -> None:
    whole, resumed = runs
    assert resumed.asked[0] == (STOP.epoch, STOP.step)
    assert whole.asked[0] == (0, 0)


def test_order(place: Path, runs: tuple[Run, Run]) -> None:
    prepared = prepare_model(str(place / "whole" / "spec.yaml"), [], Findings())
    again = prepare_model(str(place / "resumed" / "spec.yaml"), [], Findings())
    names, others = prepared.bundle.train.names, again.bundle.train.names
    assert names is not None and others is not None
    assert names(STOP.epoch, STOP.step) == others(STOP.epoch, STOP.step)
    assert names(STOP.epoch, STOP.step) != names(0, STOP.step)
    assert runs[1].rows[STOP.epoch] == runs[0].rows[STOP.epoch]


def test_seeds(runs: tuple[Run, Run]) -> None:
    whole, resumed = runs
    assert len(whole.variables(_is_seed)) == 1
    assert resumed.variables(_is_seed) == whole.variables(_is_seed)


def test_early_stop(runs: tuple[Run, Run]) -> None:
    whole, resumed = runs
    assert whole.state.epochs < 9
    assert (resumed.state.epochs, resumed.state.restored_epoch) == (
        whole.state.epochs,
        whole.state.restored_epoch,
    )
    finals = [keras.saving.load_model(run.folder.final).get_weights() for run in runs]
    assert all(np.array_equal(one, other) for one, other in zip(*finals, strict=True))


def test_wait_of_the_plateau(runs: tuple[Run, Run]) -> None:
    whole, resumed = runs
    states = [run.snapshot.state["callbacks"]["ReduceLROnPlateau"] for run in runs]
    assert states[0]["best"] == whole.rows[0]["loss"]
    assert states[1] == states[0]
    assert resumed.state.epochs == whole.state.epochs


def test_cut_of_the_learning_rate(runs: tuple[Run, Run]) -> None:
    whole, resumed = runs
    rates = [row["learning_rate"] for row in whole.rows]
    assert rates[STOP.epoch - 1] < rates[0] and len(set(rates)) >= 3
    assert [row["learning_rate"] for row in resumed.rows] == rates


def test_best(runs: tuple[Run, Run]) -> None:
    whole, resumed = runs
    assert resumed.state.best_epoch == whole.state.best_epoch
    assert resumed.state.best == whole.state.best
    models = [keras.saving.load_model(run.folder.best).get_weights() for run in runs]
    assert all(np.array_equal(one, other) for one, other in zip(*models, strict=True))


def test_history(runs: tuple[Run, Run]) -> None:
    whole, resumed = runs
    assert resumed.rows == whole.rows
    tables = [(run.folder.path / "rows.csv").read_text(encoding="utf-8") for run in runs]
    assert tables[0].count("\n") == whole.state.epochs + 1
    assert tables[1] == tables[0]


def _without_variables(wanted: Callable[[str], bool]) -> Callable[[Snapshot], Snapshot]:
    def forget(snapshot: Snapshot) -> Snapshot:
        kept = {n: np.zeros_like(a) if wanted(n) else a for n, a in snapshot.variables.items()}
        return replace(snapshot, variables=kept)

    return forget


def _without_callback(name: str) -> Callable[[Snapshot], Snapshot]:
    def forget(snapshot: Snapshot) -> Snapshot:
        kept = {key: it for key, it in snapshot.state["callbacks"].items() if key != name}
        return replace(snapshot, state={**snapshot.state, "callbacks": kept})

    return forget


def _without_best(snapshot: Snapshot) -> Snapshot:
    recorder = {**snapshot.state["recorder"], "best": {"val_loss": 0.0, "loss": 0.0}}
    return replace(snapshot, state={**snapshot.state, "recorder": recorder})


def _without_rows(snapshot: Snapshot) -> Snapshot:
    recorder = {**snapshot.state["recorder"], "rows": []}
    return replace(snapshot, state={**snapshot.state, "recorder": recorder})


def _elsewhere(position: Position) -> Callable[[Snapshot], Snapshot]:
    return lambda it: replace(it, position=position, sample=16 * position.step)


FORGOTTEN: Mapping[str, Callable[[Snapshot], Snapshot]] = {
    "weights": _without_variables(_is_weight),
    "slots": _without_variables(_is_slot),
    "iteration": _without_variables(_is_iteration),
    "epoch": _elsewhere(Position(3, 3)),
    "batch": _elsewhere(Position(4, 5)),
    "seeds": _without_variables(_is_seed),
    "early stop": _without_callback("EarlyStopping"),
    "plateau": _without_callback("ReduceLROnPlateau"),
    "learning rate": _without_variables(lambda name: name.endswith("/learning_rate")),
    "running sums": _without_variables(lambda name: name.startswith("metrics/")),
    "best": _without_best,
    "history": _without_rows,
}


@pytest.mark.slow
@pytest.mark.parametrize("item", FORGOTTEN)
def test_without_it_the_run_is_another(
    item: str, place: Path, runs: tuple[Run, Run], tmp_path: Path
) -> None:
    shutil.copytree(place / "stopped", tmp_path / "forgetful")
    checkpoints = Checkpoints(tmp_path / "forgetful" / "run" / "checkpoints")
    snapshot = checkpoints.newest(print)
    assert snapshot is not None and snapshot.position == STOP
    for path in checkpoints.paths():
        path.unlink()
    checkpoints.save(FORGOTTEN[item](snapshot))
    forgetful = _train(SPEC, tmp_path / "forgetful", resume=True)
    whole = runs[0]
    assert (forgetful.rows, forgetful.state.epochs, forgetful.state.best) != (
        whole.rows,
        whole.state.epochs,
        whole.state.best,
    )
