"""The same spec in several files: a base that says some of it otherwise, and its heir."""

from __future__ import annotations

from typing import Any

from modelforge.document.write import to_yaml
from tests.generator.draw import Draw

Spec = dict[str, Any]


def inherited(draw: Draw, spec: Spec) -> dict[str, str]:
    """Files whose `spec.yaml` means what the spec means."""
    draw.note("extends")
    base, child = spec, {"extends": "base.yaml"}
    changes = [_own_model, _patched_epochs, _dropped, _own_variables]
    for change in draw.random.sample(changes, draw.whole(1, len(changes))):
        change(draw, base, child)
    if draw.chance(0.3):
        draw.note("extends in a row")
        middle = {"extends": ["base.yaml"]}
        child["extends"] = ["middle.yaml"]
        return _texts({"base.yaml": base, "middle.yaml": middle, "spec.yaml": child})
    return _texts({"base.yaml": base, "spec.yaml": child})


def _texts(specs: dict[str, Spec]) -> dict[str, str]:
    return {name: to_yaml(spec) for name, spec in specs.items()}


def _own_model(draw: Draw, base: Spec, child: Spec) -> None:
    """The base has other layers; a list is replaced."""
    if "layers" not in base["model"]:
        return
    child.setdefault("model", {})["layers"] = base["model"].pop("layers")
    if draw.chance(0.5):
        base["model"]["layers"] = [{"Dense": 1}]


def _patched_epochs(draw: Draw, base: Spec, child: Spec) -> None:
    if "train" not in base:
        return
    draw.note("patch")
    child.setdefault("patch", {})["train.epochs"] = base["train"]["epochs"]
    base["train"]["epochs"] = 1000


def _dropped(draw: Draw, base: Spec, child: Spec) -> None:
    """The base has something that is not wanted."""
    draw.note("without")
    name = draw.one(("unwanted", "superfluous"))
    base.setdefault("vars", {})[name] = 1
    child["without"] = [f"vars.{name}"]
    if [*base["vars"]] == [name]:
        child["without"] = ["vars"]


def _own_variables(draw: Draw, base: Spec, child: Spec) -> None:
    """The base has other values for the variables."""
    for name, value in [*base.get("vars", {}).items()]:
        if name.startswith("width"):
            child.setdefault("vars", {})[name] = value
            base["vars"][name] = 1
