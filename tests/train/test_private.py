"""What ModelForge uses of Keras's inside is there, and is missed with a sentence."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import keras
import pytest
from keras.src.losses import loss as losses
from keras.src.optimizers.base_optimizer import BaseOptimizer
from keras.src.saving import saving_lib

import modelforge
from modelforge.findings import Refused
from modelforge.train import private
from train.conftest import IRIS, Prepare

_PRIVATE = re.compile(r"_symbolic_build|_initial_epoch|keras\.src|make_(train|test)_function\(")


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


def test_a_keras_whose_optimizers_changed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(BaseOptimizer, "_backend_update_step")
    with (
        pytest.raises(Refused, match=r"has no `BaseOptimizer\._backend_update_step`"),
        private.as_one_process(),
    ):
        pass


def test_a_module_of_keras_that_moved_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keras.src.losses.loss", None)
    with (
        pytest.raises(Refused, match=r"has no `keras\.src\.losses\.loss`"),
        private.as_one_process(),
    ):
        pass


def test_keras_is_as_before_after_a_step_of_replicas() -> None:
    before = (losses.scale_loss_for_distribution, losses.apply_mask, BaseOptimizer.apply)
    with private.as_one_process():
        inside = (losses.scale_loss_for_distribution, losses.apply_mask, BaseOptimizer.apply)
    after = (losses.scale_loss_for_distribution, losses.apply_mask, BaseOptimizer.apply)
    assert not set(before) & set(inside)
    assert after == before


def test_the_names_stand_in_one_room_only() -> None:
    rooms = Path(modelforge.__file__).parent
    using = {
        path.relative_to(rooms).as_posix()
        for room in ("train", "build")
        for path in rooms.glob(f"{room}/**/*.py")
        if _PRIVATE.search(path.read_text(encoding="utf-8"))
    }
    names = ("names", "replicas", "saving")
    assert using == {f"train/private/{name}.py" for name in names}


def test_saving_makes_no_optimizer_again(monkeypatch: pytest.MonkeyPatch) -> None:
    private.keep_answers()
    made: list[object] = []
    begin = BaseOptimizer.__init__

    def counted(self: BaseOptimizer, *arguments: object, **options: object) -> None:
        made.append(self)
        begin(self, *arguments, **options)

    monkeypatch.setattr(BaseOptimizer, "__init__", counted)
    saving_lib.get_attr_skipset("Optimizer")
    assert made == []
