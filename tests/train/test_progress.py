"""Progress as a terminal and as a pipe see it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from modelforge.train import progress
from modelforge.train.columns import Columns
from modelforge.train.position import Position
from modelforge.train.progress import Bar, EpochDone, Lines, number, value_text


def test_a_pipe_gets_a_line_per_epoch_and_one_for_long_epochs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    stream = io.StringIO()
    lines = Lines(stream)
    lines.begin(2, 100, Position())
    for step in range(1, 101):
        now[0] += 0.25
        lines.step(Position(0, step), {"loss": 1 / step})
    lines.epoch(EpochDone(1, 2, {"loss": 0.01}, 25.0, best=True))
    assert stream.getvalue().splitlines() == [
        "epoch 1/2 step 41/100  loss 0.0244",
        "epoch 1/2 step 82/100  loss 0.0122",
        "epoch 1/2  loss 0.0100  25.0s  (best)",
    ]


def test_a_terminal_gets_a_bar_with_values_and_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    stream = io.StringIO()
    bar = Bar(Console(file=stream, force_terminal=True, width=120))
    bar.begin(2, 100, Position(0, 0))
    for step in range(1, 51):
        now[0] += 0.125
        bar.step(Position(0, step), {"loss": 0.5, "accuracy": 0.25})
    bar._progress.refresh()
    bar.epoch(EpochDone(1, 2, {"loss": 0.5}, 12.5, best=False))
    bar.end()
    shown = stream.getvalue()
    assert "epoch 1/2" in shown and "50/100" in shown
    assert "loss 0.5000  accuracy 0.2500" in shown
    assert "8 steps/s" in shown


def test_numbers_keep_four_digits() -> None:
    assert [number(value) for value in (0, 0.5, 0.00012346, 123456.0)] == [
        "0.0000",
        "0.5000",
        "0.0001235",
        "1.235e+05",
    ]


def test_vectors_have_no_place_in_a_line() -> None:
    import numpy as np

    assert value_text({"loss": np.float32(1), "f1_score": np.ones(3)}) == "loss 1.0000"


NAMES = (
    "loss",
    "sparse_categorical_accuracy",
    "auc",
    "val_loss",
    "val_sparse_categorical_accuracy",
)


def test_a_terminal_of_80_columns_has_a_row_per_epoch() -> None:
    columns = Columns.fitting(NAMES[:2] + NAMES[3:], 20, 80)
    values = {"loss": "1.8733", "val_loss": "0.8839", "sparse_categorical_accuracy": "0.4492"}
    assert [*columns.head(), columns.row("1/20", values, "1.4s")] == [
        "epoch                  loss  sparse_categorical_accuracy",
        "           train        val             train        val",
        " 1/20     1.8733     0.8839            0.4492          -  1.4s",
    ]


@pytest.mark.parametrize("width", [50, 60, 80, 120])
def test_no_row_is_wider_than_the_terminal(width: int) -> None:
    columns = Columns.fitting(NAMES, 20, width)
    values = dict.fromkeys(NAMES, "1.234e-05")
    lines = [*columns.head(), columns.row("20/20", values, "1234.5s  best")]
    assert max(map(len, lines)) <= width
    assert "loss" in lines[0]
    assert lines[0].endswith("auc") == (width == 120)


def test_without_validation_there_is_one_head_line() -> None:
    assert Columns.fitting(("loss", "mae"), 5, 80).head() == ["epoch       loss        mae"]


def test_values_that_do_not_fit_beside_the_bar_are_left_out() -> None:
    assert value_text({"loss": 1.0, "accuracy": 0.5}, 20) == "loss 1.0000"


def test_a_terminal_begins_a_new_table_where_a_phase_has_other_values() -> None:
    stream = io.StringIO()
    bar = Bar(Console(file=stream, force_terminal=True, width=120))
    bar.begin(4, 10, Position())
    bar.epoch(EpochDone(1, 4, {"loss": 0.5, "accuracy": 0.5}, 1.0, best=True, phase="one"))
    bar.begin(3, 5, Position(1))
    for epoch in (2, 3):
        bar.epoch(EpochDone(epoch, 3, {"loss": 0.25}, 1.0, best=False, phase="two"))
    bar.end()
    lines = [line for line in stream.getvalue().splitlines() if "epoch  " in line]
    assert len(lines) == 2
    assert "accuracy" in lines[0] and "accuracy" not in lines[1]
    assert str(EpochDone(2, 3, {"loss": 0.25}, 1.0, best=False, phase="two")) == (
        "epoch 2/3  two  loss 0.2500  1.0s"
    )
