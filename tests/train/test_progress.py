"""Progress as a terminal and as a pipe see it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from modelforge.train import progress
from modelforge.train.position import Position
from modelforge.train.progress import Bar, Lines, number, value_text


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
    lines.epoch("epoch 1/2  loss 0.0100")
    assert stream.getvalue().splitlines() == [
        "epoch 1/2 step 41/100  loss 0.0244",
        "epoch 1/2 step 82/100  loss 0.0122",
        "epoch 1/2  loss 0.0100",
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
    bar.epoch("epoch 1/2  loss 0.5000")
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
