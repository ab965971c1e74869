"""A callback gets back what it has learned, and keeps what it was given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import pytest

from modelforge.train.checkpoints.callbacks import CallbackStates


class Counting(keras.callbacks.Callback):
    """Remembers as most people's callbacks do: in attributes."""

    def __init__(self, every: int) -> None:
        super().__init__()
        self.every = every
        self.seen: list[int] = []
        self.last: float | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        self.seen = []
        self.last = -1.0


class Speaking(keras.callbacks.Callback):
    """Says itself what its state is."""

    def __init__(self) -> None:
        super().__init__()
        self.file: Any = None
        self.count = 0

    def get_state(self) -> dict[str, int]:
        return {"count": self.count}

    def set_state(self, state: dict[str, int]) -> None:
        self.count = state["count"]


def test_attributes_that_changed_come_back_and_arguments_stay() -> None:
    before = Counting(every=2)
    states = CallbackStates([before], print)
    before.on_train_begin()
    before.seen.append(7)
    before.last = None  # as it was made, which `on_train_begin` undoes
    saved = states.get()
    assert saved == {"Counting": {"seen": [7]}}
    after = Counting(every=5)
    again = CallbackStates([after], print)
    after.on_train_begin()
    again.put(saved)
    assert (after.every, after.seen, after.last) == (5, [7], None)


def test_a_callback_that_says_its_state_is_asked() -> None:
    before, after = Speaking(), Speaking()
    before.count = 3
    CallbackStates([after], print).put(CallbackStates([before], print).get())
    assert after.count == 3


def test_what_cannot_be_kept_is_told_once() -> None:
    said: list[str] = []
    callback = Counting(1)
    states = CallbackStates([callback], said.append)
    callback.log = open("/dev/null")  # type: ignore[attr-defined]  # noqa: SIM115
    states.get()
    states.get()
    callback.log.close()  # type: ignore[attr-defined]
    (line,) = said
    assert "`Counting` keeps `log` (TextIOWrapper), which no checkpoint can hold" in line
    assert "get_state() and set_state(state)" in line


def test_two_of_a_class_are_told_apart() -> None:
    two = [Counting(1), Counting(1)]
    states = CallbackStates(two, print)
    two[1].seen.append(1)
    assert states.get() == {"Counting": {}, "Counting#2": {"seen": [1]}}


def test_a_callback_that_is_new_is_told() -> None:
    said: list[str] = []
    CallbackStates([Counting(1)], said.append).put({})
    assert said == ["the callback `Counting` is new in this run: it starts anew"]


@pytest.mark.parametrize("mode", ["min", "max"])
def test_an_early_stopping_judges_as_before(mode: str) -> None:
    def made() -> keras.callbacks.EarlyStopping:
        callback = keras.callbacks.EarlyStopping("loss", patience=9, min_delta=0.5, mode=mode)
        callback.set_model(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
        return callback

    before, after = made(), made()
    states, again = CallbackStates([before], print), CallbackStates([after], print)
    before.on_train_begin()
    for epoch, loss in enumerate([5.0, 4.9, 5.1]):
        before.on_epoch_end(epoch, {"loss": loss})
    after.on_train_begin()
    again.put(states.get())
    for callback in (before, after):
        callback.on_epoch_end(3, {"loss": 5.4 if mode == "max" else 4.6})  # within min_delta
    assert (after.wait, after.best, after.best_epoch) == (before.wait, before.best, 0)
    assert after.wait == 3


def test_rows_after_the_checkpoint_are_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("epoch,loss\n0,1\n", encoding="utf-8")
    logger = keras.callbacks.CSVLogger(str(path), append=True)
    states = CallbackStates([logger], print)
    saved = states.get()
    path.write_text("epoch,loss\n0,1\n1,2\n", encoding="utf-8")
    states.prepare(saved)
    assert path.read_text(encoding="utf-8") == "epoch,loss\n0,1\n"


def test_rows_that_were_lost_are_told(tmp_path: Path) -> None:
    said: list[str] = []
    path = tmp_path / "rows.csv"
    path.write_text("epoch\n", encoding="utf-8")
    states = CallbackStates([keras.callbacks.CSVLogger(str(path))], said.append)
    states.prepare({"CSVLogger": {"length": 100}})
    assert said == [f"`{path}` has lost rows: it held 100 bytes when the checkpoint was written"]
