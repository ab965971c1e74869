"""A loss that cannot fit the output or the labels."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.findings import Findings
from modelforge.graph.agreement.arrays import check_array
from modelforge.graph.agreement.labels import check_head
from modelforge.graph.agreement.target import FORMS, NEEDS, UNTOLD, Output, say_target
from modelforge.graph.given import Given, Learned
from modelforge.spec import Object, TrainSection
from modelforge.spec.targets import MULTI_LABEL

RULE = "loss-mismatch"

_AS_CLASSES = "numbers are classes with `target_kind: classes` (`CSV`), or as integers (`NPZ`)"


def check_losses(
    train: TrainSection, outputs: tuple[Output, ...], data: Given, findings: Findings
) -> None:
    """Adds what is wrong with each output's loss."""
    if data.targets and all(target.kind == "none" for target in data.targets.values()):
        findings.error(
            "no-target",
            "there is nothing to learn from: the data has no target",
            train.span_of("loss"),
            notes=["name the target in `data`, or use a source that has one"],
        )
        return
    for output in outputs:
        loss = train.loss.get(output.name) if isinstance(train.loss, Mapping) else train.loss
        target = data.of(output.name)
        if loss is not None and target.kind not in UNTOLD:
            _check(loss, output, target, findings)


def _check(loss: Object, output: Output, target: Learned, findings: Findings) -> None:
    form = FORMS.get(loss.name)
    if form is None:
        return  # a loss of which nothing is known: Keras's own symbolic build has the word
    if target.kind == "array":
        check_array(form, loss, output, target, findings)
        return
    if target.kind == MULTI_LABEL:
        check_head(form, loss, output, target, findings)
        return
    problem = _form_problem(form, output, target)
    if problem:
        findings.error(
            RULE,
            f"the loss `{loss.name}` needs {NEEDS[form]}",
            loss.span,
            hint=problem,
            notes=[
                say_target(target),
                f"the output `{output.name}` has the shape {output.shape}",
                *([_AS_CLASSES] if (form, target.kind) == ("numbers", "number") else []),
            ],
        )
        return
    _check_output(form, loss, output, target, findings)


def _form_problem(form: str, output: Output, target: Learned) -> str:
    """What to write instead where labels and loss do not go together; empty where they do."""
    single = output.units == 1
    if target.kind == "classes":
        if form == "numbers" or (form == "measure" and single):
            return ""
        return "use `SparseCategoricalCrossentropy`"
    if target.kind == "binary":
        if form in ("yes-no", "measure"):
            if single:
                return ""
            return "use `SparseCategoricalCrossentropy`, or an output of one unit with `sigmoid`"
        if form == "numbers":
            return "use `BinaryCrossentropy`, or an output of two units" if single else ""
        return "use `BinaryCrossentropy`" if single else "use `SparseCategoricalCrossentropy`"
    if form == "measure" or (form == "yes-no" and _may_be_shares(target)):
        return ""
    return "use `MeanSquaredError`, `MeanAbsoluteError` or `Huber`"


def _may_be_shares(target: Learned) -> bool:
    """Whether all numbers of a target may lie between 0 and 1, as soft labels do.

    If they do, their variance is at most m (1 - m), m being their mean (Bhatia and Davis, 2000).
    True where neither is known.
    """
    mean, deviation = target.facts.get("target_mean"), target.facts.get("target_std")
    if not isinstance(mean, float) or not isinstance(deviation, float):
        return True
    return 0 <= mean <= 1 and deviation**2 <= mean * (1 - mean) + 1e-6


def _check_output(
    form: str, loss: Object, output: Output, target: Learned, findings: Findings
) -> None:
    if len(output.shape) != 2:
        findings.error(
            "output-rank",
            f"the output `{output.name}` has the shape {output.shape}, but there is one target per "
            "sample",
            output.span,
            notes=["put `Flatten` or a global pooling layer before the last `Dense`"],
        )
        return
    if form == "numbers":
        _check_units(output, int(target.facts["classes"]), target, findings)
    elif output.units != 1:
        findings.error(
            "output-units",
            f"the output `{output.name}` has {output.units} units, but the target is one number",
            output.units_span,
            hint="give it 1 unit",
            notes=[f"`{loss.name}` would compare each unit with the same number"],
        )
    elif output.softmax:
        findings.error(
            "softmax-of-one",
            f"`softmax` over the 1 unit of `{output.name}` is always 1",
            output.span,
            hint="use `sigmoid`" if form == "yes-no" else "leave the activation out",
        )


def _check_units(output: Output, classes: int, target: Learned, findings: Findings) -> None:
    if output.units is None or output.units == classes:
        return
    names = target.facts.get("class_names") or ()
    shown = ", ".join(map(str, names[:8])) + (", ..." if len(names) > 8 else "")
    message = (
        f"the output `{output.name}` has {output.units} units, but the data has {classes} classes"
    )
    follow = f'write `units: "${{{target.below}.classes}}"` to follow the data'
    notes = [f"classes: {shown}", follow]
    report = findings.error if output.units < classes else findings.warning
    report("output-units", message, output.units_span, hint=f"give it {classes} units", notes=notes)
