"""What ModelForge uses of Keras's inside is there, and is missed with a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import keras
import pytest

import modelforge
from modelforge.findings import Refused
from modelforge.train import private
from train.conftest import IRIS, Prepare

_PRIVATE = re.compile(r"_symbolic_build|_initial_epoch|make_(train|test)_function|keras\.src")


def test_a_keras_without_the_names_is_told_before_the_first_step(
    prepare: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keras.Model, "_symbolic_build", None)
    with pytest.raises(Refused) as refused:
        prepare(IRIS)
    (finding,) = refused.value.findings
    assert finding.rule == "keras-changed"
    assert f"Keras {keras.__version__} has no `Model._symbolic_build`" in finding.message
    assert f"pip install keras=={private.SEEN_ON}" in finding.notes[0]


def test_a_step_that_is_gone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    monkeypatch.setattr(keras.Model, "make_train_function", None)
    with pytest.raises(Refused, match=r"has no `Model\.make_train_function`"):
        private.make_steps(model)


def test_the_names_stand_in_one_module_only() -> None:
    rooms = Path(modelforge.__file__).parent
    using = {
        path.relative_to(rooms).as_posix()
        for room in ("train", "build")
        for path in rooms.glob(f"{room}/**/*.py")
        if _PRIVATE.search(path.read_text(encoding="utf-8"))
    }
    assert using == {"train/private.py"}
