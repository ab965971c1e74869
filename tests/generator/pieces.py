"""Pieces of a model: each can be written, knows the layers that it means, and follows shapes.

`Meant` is what the language should make of a piece, said without the language: the layers in
their order, as (word, arguments), (`use`, name) or (`model`, its layers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from modelforge.graph.shapes.evaluate import evaluate
from modelforge.graph.shapes.known import Clash, Shape, Unknown
from tests.generator.context import Context
from tests.generator.holes import Hole
from tests.generator.objects import Objects
from tests.generator.shapes import as_object, result

Meant = list[tuple[str, Any]]


class Piece(Protocol):
    """One item of `layers` or several that belong together."""

    def write(self, pen: Objects) -> list[Any]:
        """The items."""

    def meant(self, context: Context) -> Meant:
        """The plain layers."""

    def shape(self, context: Context, shape: Shape) -> Shape | None:
        """What comes out; None where it does not fit."""


@dataclass
class Layer:
    """A layer with what stands beside it."""

    word: str
    arguments: dict[str, Any] = field(default_factory=dict)
    beside: dict[str, Any] = field(default_factory=dict)

    def write(self, pen: Objects) -> list[Any]:
        arguments, beside = self.arguments, dict(self.beside)
        if "name" in beside and arguments and pen.draw.chance(0.2):
            pen.draw.note("name inside")
            arguments = {**arguments, "name": beside.pop("name")}
        kind = "operation" if self.word.startswith("ops.") else "layer"
        if kind == "operation" and arguments.keys() - self.arguments.keys():
            arguments, beside = self.arguments, self.beside  # a function has no name inside
        return [with_beside(pen.written([self.word, kind, arguments]), beside)]

    def meant(self, context: Context) -> Meant:
        return [(self.word, context.meant(self.word, self.arguments))]

    def shape(self, context: Context, shape: Shape) -> Shape | None:
        return result(self.word, context.meant(self.word, self.arguments), [shape])


@dataclass
class Parallel:
    """Branches that are merged."""

    branches: list[list[Piece]]
    merge: Layer
    name: str = ""

    def write(self, pen: Objects) -> list[Any]:
        pen.draw.note("parallel")
        branches = [written(branch, pen) for branch in self.branches]
        item = {"parallel": branches, "merge": self.merge.write(pen)[0]}
        return [item | ({"name": self.name} if self.name else {})]

    def meant(self, context: Context) -> Meant:
        return [m for b in self.branches for m in meant(b, context)] + self.merge.meant(context)

    def shape(self, context: Context, shape: Shape) -> Shape | None:
        ends = [follow(branch, context, shape) for branch in self.branches]
        known = [end for end in ends if end is not None]
        if len(known) < len(ends):
            return None
        return result(self.merge.word, context.meant(self.merge.word, self.merge.arguments), known)


@dataclass
class Repeat:
    """An item a number of times."""

    body: Piece
    count: int
    spelled: Any

    def write(self, pen: Objects) -> list[Any]:
        pen.draw.note("repeat")
        return [with_beside(self.body.write(pen)[0], {"repeat": self.spelled})]

    def meant(self, context: Context) -> Meant:
        rounds = [context.with_values(i=i) for i in range(self.count)]
        return [item for each in rounds for item in self.body.meant(each)]

    def shape(self, context: Context, shape: Shape) -> Shape | None:
        found: Shape | None = shape
        for i in range(self.count):
            found = self.body.shape(context.with_values(i=i), found) if found else None
        return found


@dataclass
class For:
    """An item once for each value of some lists."""

    body: Piece
    lists: dict[str, list[Any]]

    def rounds(self, context: Context) -> list[Context]:
        count = len(next(iter(self.lists.values())))
        return [
            context.with_values(i=i, **{name: values[i] for name, values in self.lists.items()})
            for i in range(count)
        ]

    def write(self, pen: Objects) -> list[Any]:
        pen.draw.note("for")
        return [with_beside(self.body.write(pen)[0], {"for": self.lists})]

    def meant(self, context: Context) -> Meant:
        return [item for each in self.rounds(context) for item in self.body.meant(each)]

    def shape(self, context: Context, shape: Shape) -> Shape | None:
        found: Shape | None = shape
        for each in self.rounds(context):
            found = self.body.shape(each, found) if found else None
        return found


@dataclass
class If:
    """An item that is there, or is not."""

    body: Piece
    holds: bool
    spelled: Any

    def write(self, pen: Objects) -> list[Any]:
        pen.draw.note("if")
        return [with_beside(self.body.write(pen)[0], {"if": self.spelled})]

    def meant(self, context: Context) -> Meant:
        return self.body.meant(context) if self.holds else []

    def shape(self, context: Context, shape: Shape) -> Shape | None:
        return self.body.shape(context, shape) if self.holds else shape


@dataclass
class Block:
    """What `blocks` declares; a default that is None must be given."""

    name: str
    parameters: dict[str, Any]
    body: list[Piece]

    def declaration(self, pen: Objects) -> dict[str, Any]:
        params = {"params": self.parameters} if self.parameters else {}
        return {**params, "layers": written(self.body, pen)}


@dataclass
class Use:
    """A block, used with some values."""

    block: Block
    given: dict[str, Any]
    name: str = ""

    def _inside(self, context: Context) -> Context:
        filled = {
            key: value.value(context.values) if isinstance(value, Hole) else value
            for key, value in self.given.items()
        }
        return context.of_block({**self.block.parameters, **filled})

    def write(self, pen: Objects) -> list[Any]:
        pen.draw.note("block")
        given: Any = dict(self.given)
        first = next(iter(self.block.parameters), None)
        if [*given] == [first] and pen.draw.chance(0.6):
            pen.draw.note("block with its first parameter alone")
            given = given[first]
        item: Any = {self.block.name: given} if given or given == 0 else self.block.name
        return [with_beside(item, {"name": self.name} if self.name else {})]

    def meant(self, context: Context) -> Meant:
        return meant(self.block.body, self._inside(context))

    def shape(self, context: Context, shape: Shape) -> Shape | None:
        return follow(self.block.body, self._inside(context), shape)


@dataclass
class Nested:
    """A model among the layers; with `inputs` where it declares its own."""

    body: list[Piece]
    inputs: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    beside: dict[str, Any] = field(default_factory=dict)

    def write(self, pen: Objects) -> list[Any]:
        pen.draw.note("nested model" + (" with inputs" if self.inputs else ""))
        inputs = {"inputs": self.inputs} if self.inputs else {}
        item = {"model": {**inputs, "layers": written(self.body, pen)}}
        name = {"name": self.name} if self.name else {}
        return [with_beside(item, {**name, **self.beside})]

    def meant(self, context: Context) -> Meant:
        return [("model", meant(self.body, context))]

    def shape(self, context: Context, shape: Shape) -> Shape | None:
        declared = [tuple(given["shape"]) for given in self.inputs.values()]
        if declared not in ([], [shape[1:]]) or not meant(self.body, context):
            return None
        return follow(self.body, context, shape)


@dataclass
class Skip:
    """Items by hand: a start that is named, a body, and a merging layer `from` both ends."""

    start: str
    body: list[Piece]
    end: str
    merge: Layer

    def _all(self) -> list[Piece]:
        start, end = Layer("Identity", {}, {"name": self.start}), {"name": self.end}
        merge = Layer(self.merge.word, self.merge.arguments, {"from": [self.start, self.end]})
        return [start, *self.body, Layer("Identity", {}, end), merge]

    def write(self, pen: Objects) -> list[Any]:
        pen.draw.note("from: [...]")
        return written(self._all(), pen)

    def meant(self, context: Context) -> Meant:
        return meant(self._all(), context)

    def shape(self, context: Context, shape: Shape) -> Shape | None:
        end = follow(self.body, context, shape)
        merge = context.meant(self.merge.word, self.merge.arguments)
        return result(self.merge.word, merge, [shape, end]) if end else None


@dataclass
class Attend:
    """An attention layer `from` one layer by call argument, with options of its call."""

    source: str
    layer: Layer

    def write(self, pen: Objects) -> list[Any]:
        pen.draw.note("from: {argument: name}")
        if "call" in self.layer.beside:
            pen.draw.note("call")
        return Layer("Identity", {}, {"name": self.source}).write(pen) + self.layer.write(pen)

    def meant(self, context: Context) -> Meant:
        return [("Identity", context.meant("Identity", {})), *self.layer.meant(context)]

    def shape(self, context: Context, shape: Shape) -> Shape | None:
        found = as_object(self.layer.word, context.meant(self.layer.word, self.layer.arguments))
        names = self.layer.beside["from"]
        inputs: dict[str, tuple[Shape, ...]] = {"": (shape,) * len(names)}
        if isinstance(names, dict):
            inputs = dict.fromkeys(names, (shape,))
        try:
            return evaluate(found, inputs, {}).shape
        except (Clash, Unknown):
            return None


@dataclass
class Shared:
    """A layer that is applied again; it must keep the shape."""

    layer: Layer
    between: list[Piece]

    def write(self, pen: Objects) -> list[Any]:
        pen.draw.note("use")
        again = {"use": self.layer.beside["name"]}
        return [*self.layer.write(pen), *written(self.between, pen), again]

    def meant(self, context: Context) -> Meant:
        again = ("use", self.layer.beside["name"])
        return [*self.layer.meant(context), *meant(self.between, context), again]

    def shape(self, context: Context, shape: Shape) -> Shape | None:
        kept = self.layer.shape(context, shape) == shape == follow(self.between, context, shape)
        return shape if kept else None


@dataclass
class Split:
    """A model with two outputs, and a layer that merges them by their names."""

    name: str
    heads: tuple[Layer, Layer]
    merge: Layer

    def write(self, pen: Objects) -> list[Any]:
        pen.draw.note("outputs of a nested model")
        first, second = (head.beside["name"] for head in self.heads)
        layers = [*self.heads[0].write(pen), *self.heads[1].write(pen)]
        model = {"layers": layers, "outputs": [first, second]}
        merge = {**self.merge.beside, "from": [f"{self.name}.{first}", f"{self.name}.{second}"]}
        merging = Layer(self.merge.word, self.merge.arguments, merge)
        return [{"model": model, "name": self.name}, *merging.write(pen)]

    def meant(self, context: Context) -> Meant:
        return [("model", meant([*self.heads], context)), *self.merge.meant(context)]

    def shape(self, context: Context, shape: Shape) -> Shape | None:
        ends = [head.shape(context, shape) for head in self.heads]
        merge = context.meant(self.merge.word, self.merge.arguments)
        known = [end for end in ends if end is not None]
        return result(self.merge.word, merge, known) if len(known) == 2 else None


def with_beside(item: Any, beside: dict[str, Any]) -> Any:
    """An item with keys beside its word."""
    if not beside:
        return item
    return {**(item if isinstance(item, dict) else {item: None}), **beside}


def written(pieces: Sequence[Piece], pen: Objects) -> list[Any]:
    """The items of several pieces."""
    return [item for piece in pieces for item in piece.write(pen)]


def meant(pieces: Sequence[Piece], context: Context) -> Meant:
    """The layers of several pieces."""
    return [item for piece in pieces for item in piece.meant(context)]


def follow(pieces: Sequence[Piece], context: Context, shape: Shape) -> Shape | None:
    """The shape behind several pieces."""
    found: Shape | None = shape
    for piece in pieces:
        found = piece.shape(context, found) if found else None
    return found
