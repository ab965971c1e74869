"""`freeze`, read and written again, alone and in phases."""

from __future__ import annotations

import pytest

from modelforge.document import parse
from modelforge.document.write import to_yaml
from modelforge.findings import Findings, Source
from modelforge.findings.text import render
from modelforge.graph import Loaded, understand
from modelforge.spec import Freeze
from modelforge.spec.resolved import Resolved

SPEC = """\
data: {train: Digits}
model:
  layers:
    - Flatten
    - Dense: 8
      name: hidden
    - BatchNormalization
    - Dense: 10
      name: out
train:
  loss: {SparseCategoricalCrossentropy: {from_logits: true}}
"""


def understood(text: str) -> Loaded:
    findings = Findings()
    root = parse(Source("spec.yaml", text), findings)
    loaded = understand(root, (), findings) if root else None
    assert loaded is not None, render(findings)
    return loaded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hidden", Freeze(("hidden",))),
        ("[hidden, '*norm*']", Freeze(("hidden", "*norm*"))),
        ("[]", Freeze()),
        ("{layers: '*', except: out}", Freeze(("*",), ("out",))),
        ("{except: [out]}", Freeze(None, ("out",))),
        ("{until: hidden}", Freeze(None, until="hidden")),
        ("{first: 1}", Freeze(None, first=1)),
        ("{layers: [hidden, out], last: 0.5}", Freeze(("hidden", "out"), last=0.5)),
        ("{first: '${1 + 1}'}", Freeze(None, first=2)),
    ],
)
def test_it_is_read_and_written(text: str, expected: Freeze) -> None:
    loaded = understood(SPEC + f"  freeze: {text}\n  batch_norm: train\n")
    train = loaded.spec.train
    assert train is not None
    assert (train.freeze, train.batch_norm) == (expected, "train")
    resolved = to_yaml(Resolved(loaded.catalog).spec(loaded.spec))
    again = understood(resolved).spec.train
    assert again is not None
    assert (again.freeze, again.batch_norm) == (expected, "train")


def test_a_spec_that_says_nothing_is_written_as_before() -> None:
    loaded = understood(SPEC)
    train = loaded.spec.train
    assert train is not None and train.freeze is None and train.batch_norm == "auto"
    assert not {"freeze", "batch_norm"} & Resolved(loaded.catalog).spec(loaded.spec)["train"].keys()


def test_a_phase_may_take_it_back() -> None:
    text = SPEC + (
        "  freeze: hidden\n  batch_norm: inference\n"
        "  phases: [{name: head}, {name: all, freeze: [], batch_norm: auto}]\n"
    )
    loaded = understood(text)
    resolved = to_yaml(Resolved(loaded.catalog).spec(loaded.spec))
    for found in (loaded, understood(resolved)):
        assert found.spec.train is not None
        said = [(it.train.freeze, it.train.batch_norm) for it in found.spec.train.parts]
        assert said == [(Freeze(("hidden",)), "inference"), (Freeze(), "auto")]


def test_where_features_are_kept_is_read_and_written_back() -> None:
    text = SPEC + (
        "  freeze: hidden\n  frozen_features: disk\n"
        "  phases: [{name: head}, {name: all, frozen_features: auto}]\n"
    )
    loaded = understood(text)
    resolved = to_yaml(Resolved(loaded.catalog).spec(loaded.spec))
    for found in (loaded, understood(resolved)):
        assert found.spec.train is not None
        assert [it.train.frozen_features for it in found.spec.train.parts] == ["disk", "auto"]
    plain = understood(SPEC)
    assert "frozen_features" not in Resolved(plain.catalog).spec(plain.spec)["train"]


def test_how_much_may_be_told_by_the_data() -> None:
    unseen = SPEC.replace("Digits", "{NPZ: not-there.npz}")
    loaded = understood(unseen + "  freeze: {first: '${data.classes - 8}'}\n")
    assert loaded.spec.train is not None and loaded.spec.train.freeze is not None
    assert loaded.spec.train.freeze.waits
    loaded = understood(SPEC + "  freeze: {first: '${data.classes - 8}'}\n")
    assert loaded.spec.train is not None
    assert loaded.spec.train.freeze == Freeze(None, first=2)
