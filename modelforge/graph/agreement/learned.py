"""Targets and outputs by name: every output learns something, and every target is learned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from modelforge.catalog.own.targets import SEPARATOR
from modelforge.findings import Findings, Span, did_you_mean, listed
from modelforge.graph.given import Given
from modelforge.graph.graph import Graph
from modelforge.spec import DataSection, Object
from modelforge.spec.targets import (
    INPUTS,
    MULTI_LABEL,
    ONLY,
    TABLE,
    TARGET,
    asked_targets,
    has_several,
)

# Arguments of a source that are about its only target, with what says nothing.
_ONE_TARGET = {"classes": None, "target_kind": "auto", "separator": SEPARATOR}
# Arguments of ImageFolder that are about its table, with what says nothing.
_OF_TABLE = {TARGET: None, "target_kind": "auto", "image_column": None, "separator": SEPARATOR}
_TOGETHER = "columns of 0 and 1 that one output learns are labels: write `target_kind: multi_label`"
_NEEDING = "CSV"  # has neither a target of its own nor a default for one


def check_learned(graph: Graph, data: DataSection, given: Given, findings: Findings) -> bool:
    """Adds what is wrong with the names of targets; False where anything is."""
    before = len(findings.errors)
    sources = {"train": data.train, "validation": data.validation, "test": data.test}
    for source in sources.values():
        if isinstance(source, Object):
            _check_source(source, data, findings)
    for role in ("validation", "test"):
        _check_same(data, role, findings)
    _check_inputs(data, given, findings)
    if len(findings.errors) == before:
        _check_outputs(graph, data, given, findings)
    return len(findings.errors) == before


def _check_source(source: Object, data: DataSection, findings: Findings) -> None:
    table = source.name == _NEEDING or TABLE in source.arguments
    if source.name == "ImageFolder" and not table:
        _check_folder(source, findings)
    if table and TARGET not in source.arguments and data.target != INPUTS:
        findings.error(
            "missing-argument",
            f"`{source.name}` needs `{TARGET}`",
            source.span,
            notes=(
                "it names the column that is to be predicted; for a model that learns to give its "
                "input back, write `target: inputs` in `data`",
            ),
        )
    if not has_several(source):
        return
    asked = asked_targets(source)
    for target in asked:
        if not target.name:
            findings.error(
                "unnamed-target",
                "a target in a list needs `from`, which is its name as well",
                target.span,
                notes=("or write a mapping from the names of outputs to targets",),
            )
    counts = Counter(target.name for target in asked)
    for name in [name for name, count in counts.items() if count > 1 and name]:
        places = [target.span for target in asked if target.name == name]
        findings.error("duplicate-target", f"the target `{name}` is given twice", places[1])
    for argument, nothing in _ONE_TARGET.items():
        if source.arguments.get(argument, nothing) != nothing:
            findings.error(
                "target-not-said",
                f"`{argument}` does not say which of {len(asked)} targets it is about",
                source.span_of(argument),
                hint=_where_instead(asked[0].name, argument),
            )


def _check_folder(source: Object, findings: Findings) -> None:
    """Without a table the folders are the classes, and nothing else can be said of the target."""
    for argument, nothing in _OF_TABLE.items():
        if source.arguments.get(argument, nothing) != nothing:
            findings.error(
                "missing-argument",
                f"`{argument}` is about a table, but `{source.name}` has none",
                source.span_of(argument),
                hint=f"name the CSV that says what each image shows: `{TABLE}: labels.csv`",
                notes=["without one, each folder of images is a class"],
            )


def _where_instead(name: str, argument: str) -> str:
    told = {"classes": "{classes: {names: [...]}}", "separator": "{multi_label: {separator: ...}}"}
    said = told.get(argument, "classes")
    return f"say it of the target: `{TARGET}: {{{name}: {said}}}`"


def _check_same(data: DataSection, role: str, findings: Findings) -> None:
    """A source of its own has the targets of training."""
    source = getattr(data, role)
    if not isinstance(source, Object) or data.target == INPUTS:
        return
    there = [target.name for target in asked_targets(source)]
    wanted = [target.name for target in asked_targets(data.train)]
    if set(there) == set(wanted) or not {*there, *wanted} - {ONLY}:
        _check_labels(data, role, source, findings)
        return
    findings.error(
        "targets-differ",
        f"`{role}` has {_said(there)}, but `train` has {_said(wanted)}",
        source.span_of(TARGET),
        hint=f"write `{TARGET}` as in `train`",
    )


def _check_labels(data: DataSection, role: str, source: Object, findings: Findings) -> None:
    """Targets of one name name one class in every source, or any number of labels."""
    trained = {target.name: target.kind for target in asked_targets(data.train)}
    for target in asked_targets(source):
        kinds = (target.kind, trained.get(target.name, target.kind))
        if kinds[0] != kinds[1] and MULTI_LABEL in kinds:
            findings.error(
                "targets-differ",
                f"the target is `{kinds[0]}` in `{role}`, but `{kinds[1]}` in `train`",
                target.span,
                hint="say of it what `train` says",
            )


def _said(names: list[str]) -> str:
    return f"the targets {listed(names)}" if names and ONLY not in names else "a single target"


def _check_inputs(data: DataSection, given: Given, findings: Findings) -> None:
    if not isinstance(data.target, Mapping) or not given.shapes:
        return
    inputs = list(given.shapes)
    for output, name in data.target.items():
        if name in inputs or (name == INPUTS and len(inputs) == 1):
            continue
        several = name == INPUTS
        findings.error(
            "unknown-input",
            f"the data has {len(inputs)} inputs: which of them `{output}` learns must be said"
            if several
            else f"the data gives no input `{name}`",
            data.span_of(f"{TARGET}.{output}"),
            hint="" if several else did_you_mean(name, inputs),
            notes=[
                f"inputs that it gives: {listed(inputs)}"
                if len(inputs) > 1
                else f"it gives a single one: write `{output}: {INPUTS}`"
            ],
        )


def _check_outputs(graph: Graph, data: DataSection, given: Given, findings: Findings) -> None:
    names = {name for name in given.targets if name != ONLY}
    for name in sorted(names - set(graph.outputs)):
        findings.error(
            "target-without-output",
            f"the model has no output `{name}`, which would learn this target",
            _place(data, name),
            hint=did_you_mean(name, graph.outputs),
            notes=[
                f"outputs: {listed(graph.outputs)}",
                "an output is named after its layer",
                *([_TOGETHER] if isinstance(data.train.arguments.get(TARGET), tuple) else ()),
            ],
        )
    if not given.targets or ONLY in given.targets:
        return
    for output in [name for name in graph.outputs if name not in names]:
        findings.error(
            "output-without-target",
            f"the output `{output}` has nothing to learn",
            graph.node(output).object.span,
            hint=did_you_mean(output, names),
            notes=[
                f"targets: {listed(sorted(names))}",
                "an output learns the target of its name",
            ],
        )


def _place(data: DataSection, name: str) -> Span:
    if isinstance(data.target, Mapping) and name in data.target:
        return data.span_of(f"{TARGET}.{name}")
    for target in asked_targets(data.train):
        if target.name == name:
            return target.span
    return data.span_of(TARGET)
