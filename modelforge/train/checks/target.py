"""What losses and metrics expect of a target, and what a target is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import keras

from modelforge.data.bundle import Bundle
from modelforge.findings import Span
from modelforge.graph import Graph
from modelforge.graph.parts import Wholes

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

NEEDS: Mapping[Form, str] = {
    "numbers": "class numbers and one output unit per class",
    "one-hot": "targets with one column per class",
    "yes-no": "a target of 0 and 1 and one output unit",
    "measure": "a number as target",
}


@dataclass(frozen=True)
class Output:
    """An output of the model. units: the length of its last axis, None where that is open."""

    name: str
    shape: tuple[int | None, ...]
    span: Span
    units_span: Span
    softmax: bool

    @property
    def units(self) -> int | None:
        """The length of the last axis."""
        return self.shape[-1] if self.shape else None


def outputs_of(model: keras.Model, graph: Graph) -> tuple[Output, ...]:
    """The model's outputs, each with the place of the layer that makes it."""
    found = []
    made = {operation.name: operation for operation in model.operations}
    wholes = Wholes(graph.nodes)
    for name, tensor in zip(graph.outputs, model.outputs, strict=True):
        node = graph.node(wholes.of(name))
        span = node.object.span
        shape = tuple(tensor.shape)
        units = node.object.span_of("units")
        found.append(Output(name, shape, span, units, _is_softmax(made[name])))
    return tuple(found)


def say_target(bundle: Bundle) -> str:
    """The target in words, for a note."""
    classes = bundle.facts.get("classes")
    return {
        "classes": f"the target is one of {classes} classes, as integers 0 to {(classes or 1) - 1}",
        "binary": "the target is one of two classes, as integers 0 and 1",
        "number": "the target is a number",
        "none": "the data has no target",
    }[bundle.target]


def _is_softmax(layer: Any) -> bool:
    if isinstance(layer, keras.Operation) and type(layer).__name__ == "Softmax":
        return True  # as a layer or of `keras.ops`
    activation = getattr(layer, "activation", None)
    # With arguments it is a ParameterizedActivation, which knows the function by its name.
    return activation is keras.activations.softmax or (
        getattr(activation, "function", None) == "softmax"
    )
