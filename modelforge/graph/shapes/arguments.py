"""The arguments of a layer as rules read them: defaults filled in, the wrong kind is unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from modelforge.graph.shapes.configured import FIRST, LAST, image_data_format
from modelforge.graph.shapes.known import Result, Shape, Unknown
from modelforge.spec import Object, Value

Inputs: TypeAlias = "Mapping[str, tuple[Shape, ...]]"


@dataclass(frozen=True, slots=True)
class Arguments:
    """Written arguments over the catalog's defaults.

    inputs: the shapes that the layer is called on, by call argument ("" for the first one).
    options: the further arguments of the call.
    inner: the result of a layer within this one, called on a shape.
    """

    given: Mapping[str, Value]
    defaults: Mapping[str, Value]
    inputs: Inputs
    options: Mapping[str, Value]
    inner: Callable[[Object, Shape], Result]

    def value(self, name: str) -> Value:
        """The value as it is written, else the default; raises Unknown where there is neither."""
        if name in self.given:
            return self.given[name]
        if name in self.defaults:
            return self.defaults[name]
        raise Unknown

    def integer(self, name: str) -> int:
        """A number; raises Unknown for anything else, such as one that waits for the data."""
        return as_integer(self.value(name))

    def positive(self, name: str) -> int:
        """A number above zero: Keras's constructors refuse others."""
        found = self.integer(name)
        if found <= 0:
            raise Unknown
        return found

    def flag(self, name: str) -> bool:
        """True or false."""
        found = self.value(name)
        if not isinstance(found, bool):
            raise Unknown
        return found

    def text(self, name: str) -> str:
        """A text in lower case."""
        found = self.value(name)
        if not isinstance(found, str):
            raise Unknown
        return found.lower()

    def sizes(self, name: str, count: int, least: int = 1) -> tuple[int, ...]:
        """So many numbers, or one for all of them."""
        return as_sizes(self.value(name), count, least)

    def channels_last(self) -> bool:
        """Whether the channels are the last axis; as Keras is configured where nothing is said."""
        found = self.value("data_format")
        if found is None:
            found = image_data_format()
        if found not in (LAST, FIRST):
            raise Unknown
        return found == LAST

    def option(self, name: str) -> bool:
        """A flag of the call, false where it is not given."""
        found = self.options.get(name, False)
        if not isinstance(found, bool):
            raise Unknown
        return found

    @property
    def input(self) -> Shape:
        """The shape of the first input; raises Unknown where there are several."""
        (shapes, *_) = self.inputs.values()
        if len(shapes) != 1:
            raise Unknown
        return shapes[0]

    @property
    def all_inputs(self) -> tuple[Shape, ...]:
        """The shapes that a merging layer is called on."""
        (shapes, *_) = self.inputs.values()
        return shapes

    def layer(self, name: str, shape: Shape) -> Result:
        """The result of the layer in this argument, called on a shape."""
        found = self.value(name)
        if not isinstance(found, Object):
            raise Unknown
        return self.inner(found, shape)

    def in_a_row(self, layers: tuple[Value, ...], shape: Shape) -> Result:
        """The result of layers one after another; raises Unknown where a part of it is."""
        trainable = frozen = 0
        for item in layers:
            if not isinstance(item, Object):
                raise Unknown
            found = self.inner(item, shape)
            if found.trainable is None or found.frozen is None:
                raise Unknown
            shape = found.shape
            trainable, frozen = trainable + found.trainable, frozen + found.frozen
        return Result((shape,), trainable, frozen)


def as_integer(value: Value) -> int:
    """The value, if it is a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unknown
    return value


def as_sizes(value: Value, count: int, least: int = 1) -> tuple[int, ...]:
    """The value as so many numbers; one number stands for all of them."""
    if isinstance(value, tuple):
        sizes = tuple(as_integer(item) for item in value)
    else:
        sizes = (as_integer(value),) * count
    if len(sizes) != count or min(sizes) < least:
        raise Unknown
    return sizes
