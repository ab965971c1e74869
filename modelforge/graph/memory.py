"""About how much memory a model takes: weights, gradients, the optimizer's slots, activations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from modelforge.findings.size import size_text
from modelforge.graph.dtypes.policy import Precision, dtypes_of, precision_of
from modelforge.graph.given import Given
from modelforge.graph.graph import Node
from modelforge.graph.shapes.known import Known, Unknown
from modelforge.spec import Object, Spec

# Numbers that an optimizer keeps for each weight.
SLOTS = {
    **dict.fromkeys(("Adam", "AdamW", "Adamax", "Nadam", "Lamb", "Adadelta", "Ftrl"), 2),
    **dict.fromkeys(("RMSprop", "Adagrad", "Lion", "Muon"), 1),
}
# Bytes of a value; those of a text are counted as a reference to it.
_WIDTHS = {
    **dict.fromkeys(("bool", "int8", "uint8"), 1),
    **dict.fromkeys(("float16", "bfloat16", "int16", "uint16"), 2),
    **dict.fromkeys(("float64", "int64", "uint64", "complex64", "string"), 8),
    "complex128": 16,
}


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes, as far as they are known; layers of which nothing is known are not in them.

    what: training, or only using the model. weights: with gradients and slots. largest: the layer
    that takes the most (`of_largest`).
    """

    what: str
    weights: int
    activations: int
    batch: int
    largest: tuple[Node, Known]
    of_largest: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.activations

    def told(self) -> list[str]:
        """Notes that say what is in it."""
        batch = f"a batch of {self.batch:,}" if self.batch > 1 else "one sample"
        trained = self.what == "training the model"
        return [
            f"weights{', gradients and optimizer' if trained else ''}: {size_text(self.weights)}; "
            f"the layers' outputs for {batch}: {size_text(self.activations)}"
        ]


def estimate(parts: Sequence[tuple[Node, Known]], spec: Spec, data: Given) -> Memory:
    """What training the spec takes; or, without `train`, the model for one sample."""
    batch = _batch(spec, data)
    phases = spec.train.parts if spec.train is not None else ()
    copies = max((1 + _slots(phase.train.optimizer) for phase in phases), default=0)
    precision = precision_of(spec) or Precision()
    weights, activations = [], []
    for node, known in parts:
        compute, variable = _dtypes(node, precision)
        numbers = (known.parameters or 0) + copies * (known.trainable or 0)
        weights.append(_width(variable) * numbers)
        activations.append(batch * _size(known, compute))
    each = [sum(pair) for pair in zip(weights, activations, strict=True)]
    place = max(range(len(each)), key=each.__getitem__)
    what = "training the model" if spec.train is not None else "the model"
    kept = sum(activations) if spec.train is not None else max(activations)
    return Memory(what, sum(weights), kept, batch, parts[place], each[place])


def _size(known: Known, compute: str) -> int:
    """The bytes of the outputs for one sample; sizes that are open count as 1.

    compute: the dtype of those of which nothing else is known.
    """
    shapes = known.shapes or ()
    values = [prod(size for size in shape[1:] if size is not None) for shape in shapes]
    dtypes = known.dtypes or (None,) * len(values)
    # Where shapes are not known, dtypes may be.
    return sum(n * _width(dtype or compute) for n, dtype in zip(values, dtypes, strict=False))


def _width(dtype: str) -> int:
    return _WIDTHS.get(dtype, 4)


def _batch(spec: Spec, data: Given) -> int:
    if spec.data is None:
        return 1
    phases = spec.train.parts if spec.train is not None else ()
    served = [spec.data, *(phase.data(spec.data) for phase in phases)]
    return max(each.size_over(1, int(data.facts.get("size") or 1)) for each in served)


def _slots(optimizer: Object) -> int:
    if optimizer.name == "SGD":
        return 1 if optimizer.arguments.get("momentum") else 0
    return SLOTS.get(optimizer.name, 0)


def _dtypes(node: Node, precision: Precision) -> tuple[str, str]:
    """In which dtype a layer computes, and that of its weights; the policy's where it is odd."""
    try:
        return dtypes_of(node.object.arguments.get("dtype"), precision.policy)
    except Unknown:
        return dtypes_of(None, precision.policy)
