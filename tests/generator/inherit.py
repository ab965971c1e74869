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
    changes = [_own_model, _patched_epochs, _patched_head, _dropped, _own_variables]
    for change in draw.random.sample(changes, draw.whole(1, len(changes))):
        change(draw, base, child)
    if "train" in base and draw.chance(0.3):
        draw.note("extends several")
        other = {"train": base.pop("train")}
        if draw.chance(0.5):  # the later one wins
            base["train"] = {**other["train"], "epochs": 999}
        child["extends"] = ["base.yaml", "others/train.yaml"]
        return _texts({"base.yaml": base, "others/train.yaml": other, "spec.yaml": child})
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


def _patched_head(draw: Draw, base: Spec, child: Spec) -> None:
    """The base has other units in a layer that is found by its name."""
    for path, arguments in _heads(base) + _heads(child):
        if draw.chance(0.5):
            draw.note("patch in a model" if path.count("model") > 1 else "patch by name")
            child.setdefault("patch", {})[f"{path}.units"] = arguments["units"]
            arguments["units"] = 77


def _heads(spec: Spec, prefix: str = "") -> list[tuple[str, dict[str, Any]]]:
    """The layers that have a name and units, also in models with a name, with their paths."""
    found = []
    for item in spec.get("model", {}).get("layers", ()):
        if not isinstance(item, dict) or "name" not in item:
            continue
        path = f"{prefix}model.layers.{item['name']}"
        arguments = item.get("Dense")
        if isinstance(arguments, dict) and "units" in arguments:
            found.append((f"{path}.Dense", arguments))
        if "model" in item:
            found += _heads(item, f"{path}.")
    return found


def overridden(draw: Draw, spec: Spec) -> list[str]:
    """What `--set` must say so that the spec, which is changed, means the same."""
    found = []
    if "train" in spec:
        found.append(f"train.epochs={spec['train']['epochs']}")
        spec["train"]["epochs"] = 1234
    for name, value in spec.get("vars", {}).items():
        if type(value) is int:
            found.append(f"vars.{name}={value}")
            spec["vars"][name] = 55
    for path, arguments in _heads(spec):
        if type(arguments["units"]) is int:
            found.append(f"{path}.units={arguments['units']}")
            arguments["units"] = 66
            if path.count("model") > 1:
                draw.note("--set in a model")
    if found:
        draw.note("--set")
    return found


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
