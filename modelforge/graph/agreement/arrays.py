"""An output that learns an array has its shape."""

from __future__ import annotations

from modelforge.findings import Findings
from modelforge.graph.agreement.target import Form, Output
from modelforge.graph.given import Learned
from modelforge.spec import Object


def check_array(
    form: Form, loss: Object, output: Output, target: Learned, findings: Findings
) -> None:
    """Adds an error where output and target cannot be compared number by number.

    Class numbers are compared with an axis more, that of the classes.
    """
    if target.shape is None:
        return
    made = output.shape[1:-1] if form == "numbers" else output.shape[1:]
    wanted = target.shape
    if len(made) == len(wanted) and all(
        None in pair or pair[0] == pair[1] for pair in zip(made, wanted, strict=True)
    ):
        return
    if form == "numbers" and list(output.shape[1:]) == list(wanted):
        findings.error(
            "loss-mismatch",
            f"the loss `{loss.name}` needs class numbers, but `{output.name}` learns an array of "
            f"the output's shape, {list(wanted)}",
            loss.span,
            hint="use `CategoricalCrossentropy` if it has a column for each class",
        )
        return
    classes = ["classes"] if form == "numbers" else []
    expected = ", ".join(map(str, [*wanted, *classes]))
    findings.error(
        "output-shape",
        f"the output `{output.name}` has the shape {list(output.shape[1:])}, but what it learns "
        f"has the shape {list(wanted)}",
        output.span,
        hint=f"give it the shape [{expected}]",
        notes=["a last `Reshape` brings numbers into another shape, if there are as many"],
    )
