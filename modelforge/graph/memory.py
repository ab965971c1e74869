"""About how much memory a model takes: weights, gradients, the optimizer's slots, activations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from modelforge.graph.given import Given
from modelforge.graph.graph import Node
from modelforge.graph.shapes.known import Known
from modelforge.spec import Object, Spec

# Numbers that an optimizer keeps for each weight.
SLOTS = {
    **dict.fromkeys(("Adam", "AdamW", "Adamax", "Nadam", "Lamb", "Adadelta", "Ftrl"), 2),
    **dict.fromkeys(("RMSprop", "Adagrad", "Lion", "Muon"), 1),
}
_WIDTHS = {"float16": 2, "bfloat16": 2, "float64": 8}


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
            f"weights{', gradients and optimizer' if trained else ''}: {in_words(self.weights)}; "
            f"the layers' outputs for {batch}: {in_words(self.activations)}"
        ]


def estimate(parts: Sequence[tuple[Node, Known]], spec: Spec, data: Given) -> Memory:
    """What training the spec takes; or, without `train`, the model for one sample."""
    batch = _batch(spec, data)
    copies = 0 if spec.train is None else 1 + _slots(spec.train.optimizer)
    wide, narrow = _widths(spec)
    weights, activations = [], []
    for _, known in parts:
        weights.append(wide * ((known.parameters or 0) + copies * (known.trainable or 0)))
        activations.append(narrow * batch * _values(known))
    each = [sum(pair) for pair in zip(weights, activations, strict=True)]
    place = max(range(len(each)), key=each.__getitem__)
    what = "training the model" if spec.train is not None else "the model"
    kept = sum(activations) if spec.train is not None else max(activations)
    return Memory(what, sum(weights), kept, batch, parts[place], each[place])


def _values(known: Known) -> int:
    """The values of the outputs for one sample; sizes that are open count as 1."""
    shapes = known.shapes or ()
    return sum(prod(size for size in shape[1:] if size is not None) for shape in shapes)


def _batch(spec: Spec, data: Given) -> int:
    if spec.data is None:
        return 1
    return spec.data.size_over(1, int(data.facts.get("size") or 1))


def _slots(optimizer: Object) -> int:
    if optimizer.name == "SGD":
        return 1 if optimizer.arguments.get("momentum") else 0
    return SLOTS.get(optimizer.name, 0)


def _widths(spec: Spec) -> tuple[int, int]:
    """The bytes of a weight and of an activation."""
    policy = spec.train.precision if spec.train is not None else "float32"
    computed = _WIDTHS.get(policy.removeprefix("mixed_"), 4)
    return (4 if policy.startswith("mixed_") else computed), computed


def in_words(count: int) -> str:
    """`1.5 GiB`, `20 MiB`."""
    if count < 2**20:
        return "less than 1 MiB"
    if count < 2**29:
        return f"{count / 2**20:,.0f} MiB"
    return f"{count / 2**30:,.1f} GiB"
