"""What is known of a layer, what a rule says about it, and how a rule says that it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import NamedTuple, TypeAlias

LARGEST = 2**63 - 1  # TensorFlow counts in 64 bits

# As Keras writes it: the batch axis comes first and is None, as every size is that is left open.
# So the axes that a spec counts (`axis: 1`) are the axes of this tuple.
Shape: TypeAlias = "tuple[int | None, ...]"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a node before Keras is asked; None stands for unknown.

    shapes: one for each output tensor. A shape is the one that Keras computes if it accepts the
        layer; only a finding says that it does not.
    trainable, frozen: the numbers of parameters; `frozen` ones are not trained. Those of a layer
        that is used again are counted where it stands.
    inner: of a model among the layers, or in an argument of one, what is known of its nodes.
    given: what the node is called on, by call argument. dtypes: one for each output tensor, None
        where Keras and the running model may differ.
    """

    shapes: tuple[Shape, ...] | None = None
    trainable: int | None = None
    frozen: int | None = None
    inner: Mapping[str, Known] | None = None
    given: Mapping[str, tuple[Shape, ...]] = field(default_factory=dict, compare=False)
    dtypes: tuple[str | None, ...] | None = None

    @property
    def shape(self) -> Shape | None:
        """The shape of the only output; None where it is unknown or there are several."""
        return self.shapes[0] if self.shapes is not None and len(self.shapes) == 1 else None

    def inner_of(self, prefix: str) -> Mapping[str, Known]:
        """What is known of the nodes of one model in it; prefix: what their names begin with."""
        inner = self.inner or {}
        if not prefix:
            return inner
        found = {name: it for name, it in inner.items() if name.startswith(prefix)}
        return {name.removeprefix(prefix): it for name, it in found.items()}

    def not_trained(self) -> Known:
        """The same where none of the parameters is trained."""
        inner = {name: known.not_trained() for name, known in (self.inner or {}).items()}
        trainable = None if self.parameters is None else 0
        return replace(self, trainable=trainable, frozen=self.parameters, inner=inner or None)

    @property
    def parameters(self) -> int | None:
        """All parameters, as `Layer.count_params()` counts them."""
        if self.trainable is None or self.frozen is None:
            return None
        return self.trainable + self.frozen


class Result(NamedTuple):
    """What a rule knows: shapes of the outputs, parameters that are trained and that are not."""

    shapes: tuple[Shape, ...]
    trainable: int | None = 0
    frozen: int | None = 0

    @property
    def shape(self) -> Shape:
        """The shape of the only output; raises Unknown where there are several."""
        if len(self.shapes) != 1:
            raise Unknown
        return self.shapes[0]


class Unknown(Exception):
    """A rule does not know: an argument waits for the data, or the case is beyond the rule."""


class Clash(Exception):
    """Keras is certain to refuse the layer on these shapes; the message says why.

    mend: how to mend it, where there is something to say.
    """

    def __init__(self, message: str, mend: str = "") -> None:
        self.message = message
        self.mend = mend
        super().__init__(message)


class WrongRank(Clash):
    """A clash with the layer's `input_spec`, which Keras does not ask of a wrapped layer."""


def one(shape: Shape, trainable: int | None = 0, frozen: int | None = 0) -> Result:
    """The result of a layer with one output."""
    return Result((shape,), trainable, frozen)


def known_size(shape: Shape, axis: int, what: str) -> int:
    """The size of an axis that weights are made for: Keras needs it to be a number."""
    if not -len(shape) <= axis < len(shape):
        raise Clash(f"{what} is axis {axis}, but the input has {len(shape)} axes")
    size = shape[axis]
    if size is None:
        raise Clash(f"{what} (axis {axis}) is open, but weights are made for it")
    return size


def rank(shape: Shape, wanted: int, form: str) -> None:
    """Refuses a shape that has not so many axes, the batch axis counted."""
    if len(shape) != wanted:
        raise WrongRank(
            f"it takes {wanted} axes {form}, but the input has {len(shape)}", mend_rank(shape)
        )


def check_sizes(result: Result) -> None:
    """Refuses sizes that cannot be: rules must not be handed numbers without bound."""
    values = [prod(size for size in shape if size is not None) for shape in result.shapes]
    if max(values, default=0) > LARGEST:
        raise Clash("its output would have more than 2^63 values, which no tensor can have")
    if max(result.trainable or 0, result.frozen or 0) > LARGEST:
        raise Clash("it would have more than 2^63 parameters, which no tensor can hold")


def mend_rank(shape: Shape) -> str:
    """What to do about a wrong number of axes."""
    return "axes count with the batch axis; `Reshape`, `Flatten` or a pooling layer changes them"


def volume(shape: Shape) -> int | None:
    """The product of the sizes, None where one of them is open."""
    sizes = [size for size in shape if size is not None]
    return prod(sizes) if len(sizes) == len(shape) else None


def sizes_text(sizes: tuple[int | None, ...]) -> str:
    """`8 x 8`; an open size is `?`."""
    return " x ".join("?" if size is None else str(size) for size in sizes)
