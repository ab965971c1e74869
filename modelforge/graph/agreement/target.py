"""What losses and metrics expect of a target, and what a target is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from modelforge.catalog import load_catalog
from modelforge.findings import Span
from modelforge.graph.given import Learned
from modelforge.graph.graph import Graph, Node
from modelforge.graph.parts import Wholes
from modelforge.graph.shapes.known import Shape
from modelforge.spec import Object

# numbers: integer class numbers; one-hot: a column per class; yes-no: one column of 0 and 1;
# measure: any number.
Form = Literal["numbers", "one-hot", "yes-no", "measure"]

FORMS: Mapping[str, Form] = {
    "SparseCategoricalCrossentropy": "numbers",
    "SparseCategoricalAccuracy": "numbers",
    "SparseTopKCategoricalAccuracy": "numbers",
    "CategoricalCrossentropy": "one-hot",
    "CategoricalFocalCrossentropy": "one-hot",
    "CategoricalGeneralizedCrossEntropy": "numbers",
    "CategoricalHinge": "one-hot",
    "CategoricalAccuracy": "one-hot",
    "TopKCategoricalAccuracy": "one-hot",
    "KLDivergence": "one-hot",
    "F1Score": "one-hot",
    "FBetaScore": "one-hot",
    "BinaryCrossentropy": "yes-no",
    "BinaryFocalCrossentropy": "yes-no",
    "BinaryAccuracy": "yes-no",
    "AUC": "yes-no",
    "Precision": "yes-no",
    "Recall": "yes-no",
    "PrecisionAtRecall": "yes-no",
    "RecallAtPrecision": "yes-no",
    "SensitivityAtSpecificity": "yes-no",
    "SpecificityAtSensitivity": "yes-no",
    "TruePositives": "yes-no",
    "TrueNegatives": "yes-no",
    "FalsePositives": "yes-no",
    "FalseNegatives": "yes-no",
    "Hinge": "yes-no",
    "SquaredHinge": "yes-no",
    "MeanSquaredError": "measure",
    "MeanAbsoluteError": "measure",
    "MeanAbsolutePercentageError": "measure",
    "MeanSquaredLogarithmicError": "measure",
    "RootMeanSquaredError": "measure",
    "Huber": "measure",
    "LogCosh": "measure",
    "LogCoshError": "measure",
    "Poisson": "measure",
    "R2Score": "measure",
}

UNTOLD = ("", "none")  # kinds of a target of which nothing is known, or that is missing

NEEDS: Mapping[Form, str] = {
    "numbers": "class numbers and one output unit per class",
    "one-hot": "targets with one column per class",
    "yes-no": "a target of 0 and 1 and one output unit",
    "measure": "a number as target",
}


@dataclass(frozen=True)
class Output:
    """An output of the model.

    units: the length of its last axis, None where that is open. activation: what its numbers have
    gone through last; empty where that is not known.
    """

    name: str
    shape: tuple[int | None, ...]
    span: Span
    units_span: Span
    activation: str
    activation_span: Span

    @property
    def units(self) -> int | None:
        """The length of the last axis."""
        return self.shape[-1] if self.shape else None

    @property
    def softmax(self) -> bool:
        """Whether its numbers add up to 1."""
        return self.activation == "softmax"


def outputs_of(graph: Graph, shapes: Mapping[str, Shape]) -> tuple[Output, ...]:
    """The model's outputs of which the shape is known, each with the place of its layer."""
    found = []
    wholes = Wholes(graph.nodes)
    for name in graph.outputs:
        if name in shapes:
            node = graph.node(wholes.of(name))
            made = node.object
            units, activation = made.span_of("units"), made.span_of("activation")
            last = _activation_of(node)
            found.append(Output(name, shapes[name], made.span, units, last, activation))
    return tuple(found)


def say_target(target: Learned) -> str:
    """The target in words, for a note."""
    classes = target.facts.get("classes")
    return {
        "classes": f"the target is one of {classes} classes, as integers 0 to {(classes or 1) - 1}",
        "binary": "the target is one of two classes, as integers 0 and 1",
        "multi_label": f"a sample has any number of the {classes or 'labels'}"
        + (" labels: 0 or 1 for each" if classes else ": 0 or 1 for each"),
        "number": "the target is a number",
        "array": f"the target is an array of shape {list(target.shape or ())}",
        "none": "the data has no target",
    }[target.kind]


def _activation_of(node: Node) -> str:
    if node.object.name == "Softmax":
        return "softmax"
    word = load_catalog().find(node.object.name, "layer")
    known = [it for it in word.arguments if it.name == "activation"] if word is not None else []
    if not known:
        return ""
    given = node.object.arguments.get("activation", known[0].default)
    name = given.name if isinstance(given, Object) else given
    return "linear" if name is None else str(name)
