"""What is wrong with a `freeze`, told as findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from modelforge.findings import Findings, counted, did_you_mean, listed
from modelforge.graph.freezing.select import Selection, Trouble
from modelforge.graph.freezing.selectable import SEPARATOR, blocks_of
from modelforge.graph.freezing.thawing import THAW
from modelforge.spec import Freeze
from modelforge.spec.thaw import Thaw


class _Told(NamedTuple):
    rule: str
    message: str
    hint: str = ""
    notes: tuple[str, ...] = ()


def report(selection: Selection, freeze: Freeze, findings: Findings) -> None:
    """Adds the troubles that a selection came to."""
    for trouble in selection.troubles:
        if freeze.part is not None and trouble.key.startswith(THAW):
            thaw, key = freeze.part.thaw, trouble.key.removeprefix(THAW)
            told, place = _of_thaw(trouble, key, selection, thaw), thaw.span_of(key)
        else:
            told, place = _told(trouble, selection, freeze), freeze.span_of(trouble.key)
        findings.error(told.rule, told.message, place, hint=told.hint, notes=told.notes)


def _told(trouble: Trouble, selection: Selection, freeze: Freeze) -> _Told:
    key, _, selector = trouble.key.partition(":")
    if trouble.kind == "nothing":
        return _nothing(key, selector or freeze.until, selection)
    if trouble.kind == "trained-anyway":
        return _Told(
            "except-nothing",
            f"`{selector}` takes away nothing: no such layer is frozen",
            notes=(f"it names {listed(trouble.paths, 5)}",),
        )
    if trouble.kind == "several":
        return _Told(
            "ambiguous-until",
            f"`{freeze.until}` names {len(trouble.paths)} layers",
            "write the path name of one",
            (f"they are {listed(trouble.paths)}",),
        )
    if trouble.kind == "choices":
        return _Told(
            "freeze-choices",
            f"`{key}` cannot stand beside `{trouble.paths[0]}`",
            "keep one of them",
            ("each of `until`, `first` and `last` says alone how far the model is frozen",),
        )
    return _of_weights(trouble, key, freeze)


def _of_thaw(trouble: Trouble, key: str, selection: Selection, thaw: Thaw) -> _Told:
    """What is wrong with a `thaw`; the key is `parts.N` for a part."""
    key, _, selector = key.partition(":")
    what = f"part {int(key.removeprefix('parts.')) + 1}" if "." in key else "`thaw`"
    names = (f"it names {listed(trouble.paths, 5)}",)
    if trouble.kind == "nothing":
        return _nothing(key, selector, selection)._replace(rule="thaw-nothing")
    if trouble.kind == "trained-anyway":
        return _Told("thaw-nothing", f"`{selector}` takes away nothing: `layers` has no such layer")
    if trouble.kind == "too-many":
        layers = counted(len(trouble.paths), "layer")
        return _Told("thaw-too-many", f"`parts: {thaw.number}` is more than the {layers} to thaw")
    if trouble.kind == "everything":
        return _Told(
            "thaw-everything",
            "all layers are frozen before the first part is thawed, so there is nothing to train",
            "take new layers out with `except`, or begin with the first part: `after: 0`",
        )
    if trouble.kind == "kept":
        return _Told(
            "thaw-frozen",
            f"{what} thaws nothing: `freeze` keeps all that it names frozen",
            "take it out of `freeze`: what `thaw` names is frozen at first without it",
            names,
        )
    why = {
        "outside": "nothing that it names is frozen at first, by `layers` without `except`",
        "again": "the parts before it have thawed all that it names",
        "weightless": "what it names has no weights",
    }
    return _Told("thaw-nothing", f"{what} thaws nothing: {why[trouble.kind]}", notes=names)


def _nothing(key: str, selector: str, selection: Selection) -> _Told:
    what = "takes away no layer" if key == "except" else "selects no layer"
    how = "`until` takes the name of a layer" if key == "until" else SELECTORS
    hint, there_are = near(selector, selection)
    return _Told("freeze-nothing", f"`{selector}` {what}", hint, (how, there_are))


def near(selector: str, selection: Selection) -> tuple[str, str]:
    """What may have been meant by a selector that selects nothing, and the names that there are."""
    names = sorted(selection.by_path, key=lambda path: path.count(SEPARATOR))
    hint = did_you_mean(selector, _meant(names, selection))
    return hint, f"layers: {listed(names, 20)}"


SELECTORS = (
    "a selector is a name, a glob over names (`block6*`) or a class of layers; a layer in a model "
    "has a path name, `backbone/conv1`"
)


def _of_weights(trouble: Trouble, key: str, freeze: Freeze) -> _Told:
    """What is wrong with how much is frozen."""
    if trouble.kind == "weightless":
        return _Told(
            "freeze-nothing",
            "what `freeze` selects has no weights",
            notes=(f"it selects {listed(trouble.paths, 5)}",),
        )
    if trouble.kind == "all-taken-away":
        return _Told(
            "except-everything",
            "`except` takes away all that is frozen",
            "to freeze nothing write `freeze: []`",
        )
    if trouble.kind == "everything":
        return _Told(
            "freeze-everything",
            "all layers are frozen, so there is nothing to train",
            "take a layer out with `except`",
        )
    if trouble.kind == "unsteady":
        return _Told(
            "freeze-unsteady",
            f"`{trouble.paths[0]}` cannot be frozen: `SpectralNormalization` divides its weights "
            "in each step of training, trained or not (Keras 3.15.1)",
            "take it out with `except`",
        )
    amount = freeze.first if key == "first" else freeze.last
    if trouble.kind == "no-share":
        return _Told(
            "freeze-share",
            f"`{key}: {amount}` is neither a number of layers nor a share",
            "a share lies between 0 and 1",
        )
    layers = counted(len(trouble.paths), "layer")
    return _Told("freeze-too-many", f"`{key}: {amount}` is more than the {layers} with weights")


def _meant(paths: list[str], selection: Selection) -> Iterator[str]:
    """What a user may have meant, the outer layers first."""
    yield from paths
    yield from dict.fromkeys(block for path in paths for block in blocks_of(path))
    yield from dict.fromkeys(path.rpartition(SEPARATOR)[2] for path in paths)
    yield from dict.fromkeys(name for it in selection.everything for name in it.classes)
