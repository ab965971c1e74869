"""What is wrong with a `freeze`, told as findings."""

from __future__ import annotations

from collections.abc import Iterator

from modelforge.findings import Findings, counted, did_you_mean, listed
from modelforge.graph.freezing.select import Selection, Trouble
from modelforge.graph.freezing.selectable import SEPARATOR
from modelforge.spec import Freeze

RULE = "freeze"


def report(selection: Selection, freeze: Freeze, findings: Findings) -> None:
    """Adds the troubles that a selection came to."""
    for trouble in selection.troubles:
        message, hint, notes = _told(trouble, selection, freeze)
        findings.error(RULE, message, freeze.span_of(trouble.key), hint=hint, notes=notes)


def _told(trouble: Trouble, selection: Selection, freeze: Freeze) -> tuple[str, str, list[str]]:
    """The message, the hint and the notes."""
    key, _, selector = trouble.key.partition(":")
    names = _names(selection)
    if trouble.kind == "nothing":
        name = selector or freeze.until
        what = "takes no layer away" if key == "except" else "selects no layer"
        notes = [
            "a name, a glob over names (`block6*`) or a class of layers selects; a layer in a "
            "model has a path name, `backbone/conv1`",
            f"layers: {listed(names, 20)}",
        ]
        return f"`{name}` {what}", did_you_mean(name, _all_names(selection)), notes
    if trouble.kind == "trained-anyway":
        notes = [f"it names {listed(trouble.paths, 5)}, and none of them is selected otherwise"]
        return f"`{selector}` takes away nothing that is frozen", "", notes
    if trouble.kind == "several":
        notes = [f"they are {listed(trouble.paths)}"]
        return f"`{freeze.until}` names {len(trouble.paths)} layers", "write the path name", notes
    amount = freeze.first if key == "first" else freeze.last
    layers = counted(len(trouble.paths), "layer")
    return f"`{key}: {amount}` is more than the {layers} with weights", "", []


def _names(selection: Selection) -> list[str]:
    """What a user may have meant, the outer layers first."""
    return sorted(selection.by_path, key=lambda path: path.count(SEPARATOR))


def _all_names(selection: Selection) -> Iterator[str]:
    paths = _names(selection)
    yield from paths
    yield from dict.fromkeys(path.rpartition(SEPARATOR)[2] for path in paths)
    yield from dict.fromkeys(name for it in selection.everything for name in it.classes)
