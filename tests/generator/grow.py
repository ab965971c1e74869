"""Grows pieces at random, each of which fits the shape that it stands on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from modelforge.graph.shapes.known import Shape
from tests.generator.context import Context
from tests.generator.draw import Draw
from tests.generator.holes import Environment, Hole
from tests.generator.objects import Objects
from tests.generator.operations import JOINING, MERGING, OPERATIONS
from tests.generator.pieces import (
    Attend,
    Block,
    For,
    If,
    Layer,
    Nested,
    Parallel,
    Piece,
    Repeat,
    Shared,
    Skip,
    Split,
    Use,
    follow,
)
from tests.generator.saved import LAYERS, SIDE, SMALLEST, Application, Saved, SavedEnds
from tests.generator.vocabulary import DTYPES, OF_THEIR_DTYPE, PLUGGED, TRAINED, UNITS, WORDS

PIECES = {
    "layer": 10.0, "parallel": 1.2, "repeat": 1.0, "for": 0.9, "if": 0.9, "block": 1.6,
    "nested": 0.9, "skip": 0.8, "operation": 1.0, "attend": 0.8, "shared": 0.6, "split": 0.4,
    "load": 0.4, "application": 0.3,
}  # fmt: skip
SINGLE = {
    "layer": 6.0,
    "operation": 0.7,
    "parallel": 1.0,
    "block": 1.0,
    "nested": 0.7,
    "load": 0.2,
}  # what a loop may hold
ELEMENTWISE = ("Add", "Average", "Maximum", "Minimum", "Multiply")
# Arguments that count something: what an expression may stand for without leaving its range.
COUNTS = {
    *("units", "filters", "kernel_size", "pool_size", "strides", "n", "output_dim", "input_dim"),
    *("num_bins", "num_tokens", "size", "output_size", "height", "width", "key_dim", "value_dim"),
    *("num_heads", "groups", "depth_multiplier"),
}
DEEPEST = 3
TRIES = 12


@dataclass
class Grower:
    """Grows the pieces of one spec; `blocks` are those that it declared on the way.

    saved: the shapes that its saved models take; ends: those that its models of two outputs take.
    """

    draw: Draw
    pen: Objects
    blocks: list[Block] = field(default_factory=list)
    saved: set[Shape] = field(default_factory=set)
    ends: set[Shape] = field(default_factory=set)

    def pieces(self, context: Context, shape: Shape, count: int, depth: int = 0) -> list[Piece]:
        """So many pieces, one behind the other."""
        found: list[Piece] = []
        for _ in range(count):
            piece = self.piece(context, shape, depth)
            after = piece.shape(context, shape)
            assert after is not None
            found.append(piece)
            shape = after
        return found

    def piece(self, context: Context, shape: Shape, depth: int, single: bool = False) -> Piece:
        """One piece."""
        for _ in range(TRIES):
            what = self.draw.weighted(SINGLE if single else PIECES) if depth < DEEPEST else "layer"
            make: Callable[[Context, Shape, int], Piece | None] = getattr(self, f"_{what}")
            made = make(context, shape, depth + 1)
            if made is not None and made.shape(context, shape):
                return made
        return Layer("Identity")

    def layer(self, word: str, make: Any, context: Context, shape: Shape) -> Layer:
        """A layer of this word with random arguments; whether it fits is for others to say."""
        arguments = make(self.draw, shape)
        found = self.pen.catalog.find(word, "layer")
        assert found is not None
        arguments = self.pen.decorated(found, arguments, 0.12)
        known = {argument.name for argument in found.arguments}
        if "trainable" in known and self.draw.chance(0.06):
            arguments["trainable"] = False
        # Keras cannot add penalties of several dtypes.
        penalized = any(name.endswith("_regularizer") for name in arguments)
        typed = "dtype" in known and word not in OF_THEIR_DTYPE and not penalized
        if typed and self.draw.chance(0.05):
            arguments["dtype"] = self.draw.one(DTYPES)
            self.draw.note("dtype")
        defaults = context.defaults.get(word, {})
        for name in [*arguments]:
            if name in defaults and self.draw.chance(0.7):
                del arguments[name]  # the default stands for it
                self.draw.note("defaults")
        return Layer(word, self._with_holes(arguments, context))

    def _layer(self, context: Context, shape: Shape, depth: int) -> Piece | None:
        words = WORDS.get(len(shape) - 1, {}) | (PLUGGED if self.pen.plugged else {})
        word = self.draw.one(sorted(words)) if words else "Flatten"
        found = self.layer(word, words.get(word, lambda draw, shape: {}), context, shape)
        if found.shape(context, shape) is None:
            return None
        self.draw.note(f"layer {word}")
        if self.draw.chance(0.1):
            found.beside["name"] = self.draw.fresh("layer")
            self.draw.note("name beside")
        self._settle(found.beside, word in TRAINED)
        return found

    def _settle(self, beside: dict[str, Any], knows: bool = True) -> None:
        """Sometimes whether a layer behaves as in training, if it knows the difference."""
        if knows and self.draw.chance(0.08):
            beside["call"] = {"training": self.draw.chance(0.5)}
            self.draw.note("call training")

    def _operation(self, context: Context, shape: Shape, depth: int) -> Piece | None:
        word = self.draw.one(sorted(OPERATIONS))
        found = Layer(word, OPERATIONS[word][0](self.draw, shape))
        if found.shape(context, shape) is None:
            return None
        self.draw.note(f"operation {word}")
        if self.draw.chance(0.2):
            found.beside["name"] = self.draw.fresh("operation")
        return found

    def _parallel(self, context: Context, shape: Shape, depth: int) -> Piece | None:
        branches: list[list[Piece]] = []
        concatenates = self.draw.chance(0.5)
        operation = self.draw.chance(0.25)
        for _ in range(2 if operation else self.draw.whole(2, 3)):
            branch = self.pieces(context, shape, self.draw.whole(0, 2), depth)
            after = follow(branch, context, shape)
            fits = after and (after[:-1] == shape[:-1] if concatenates else after == shape)
            branches.append(branch if fits else [])
        merge = Layer("Concatenate", self.draw.some(0.5, axis=(-1,)))
        if not concatenates:
            merge = Layer(self.draw.one(MERGING if operation else ELEMENTWISE))
        elif operation:
            word = self.draw.one(JOINING)
            same = all(follow(branch, context, shape) == shape for branch in branches)
            if word == "ops.concatenate" or same:
                merge = Layer(word, {"axis": -1})
        self.draw.note(f"merge {merge.word}")
        return Parallel(branches, merge, self.draw.fresh("mixed") if self.draw.chance(0.3) else "")

    def _repeat(self, context: Context, shape: Shape, depth: int) -> Piece | None:
        count = self.draw.whole(0, 3)
        body = self.piece(context.with_values(i=0), shape, depth, single=True)
        return Repeat(body, count, self._spelled(count, context))

    def _for(self, context: Context, shape: Shape, depth: int) -> Piece | None:
        count = self.draw.whole(1, 3)
        lists: dict[str, list[Any]] = {
            self.draw.fresh("each"): [self.draw.one(UNITS) for _ in range(count)]
            for _ in range(self.draw.whole(1, 2))
        }
        first = context.with_values(i=0, **{name: values[0] for name, values in lists.items()})
        return For(self.piece(first, shape, depth, single=True), lists)

    def _if(self, context: Context, shape: Shape, depth: int) -> Piece | None:
        body = self.piece(context, shape, depth, single=True)
        known = {n: v for n, v in context.values.items() if type(v) is int}
        if not known or self.draw.chance(0.3):
            holds = self.draw.chance(0.7)
            return If(body, holds, self.draw.one((holds, "${" + str(holds).lower() + "}")))
        name = self.draw.one(sorted(known))
        bound = self.draw.whole(1, 8)
        text, holds = self.draw.one((
            (f"{name} > {bound}", known[name] > bound),
            (f"not {name} == {bound}", known[name] != bound),
            (f"{name} % 2 == 0 or {name} < {bound}", known[name] % 2 == 0 or known[name] < bound),
        ))  # fmt: skip
        # Whether it is there must not change from round to round: the piece has one meaning.
        stays = name in context.shared
        return If(body, holds, "${" + text + "}") if stays else None

    def _block(self, context: Context, shape: Shape, depth: int) -> Piece | None:
        again = [Use(block, self._given(block, context)) for block in self.blocks]
        fitting = [use for use in again if use.shape(context, shape)]
        if fitting and self.draw.chance(0.6):
            self.draw.note("block used again")
            return self.draw.one(fitting)
        parameters = {
            self.draw.fresh("p"): self.draw.one(UNITS) for _ in range(self.draw.whole(0, 2))
        }
        inside = context.of_block(parameters)
        body = self.pieces(inside, shape, self.draw.whole(1, 3), depth)
        declared = {key: None if self.draw.chance(0.5) else v for key, v in parameters.items()}
        block = Block(self.draw.fresh("block"), declared, body)
        self.blocks.append(block)
        given = {k: v for k, v in parameters.items() if declared[k] is None}
        name = self.draw.fresh("part") if self.draw.chance(0.3) else ""
        return Use(block, self._passed(given, context), name)

    def _given(self, block: Block, context: Context) -> dict[str, Any]:
        given = {
            key: self.draw.one(UNITS)
            for key, default in block.parameters.items()
            if default is None or self.draw.chance(0.4)
        }
        return self._passed(given, context)

    def _passed(self, given: dict[str, Any], context: Context) -> dict[str, Any]:
        """The values of parameters, some of them handed on from what the context names."""
        known = _numbers(context.values)
        return {
            key: Hole(self.draw.one(sorted(known))) if known and self.draw.chance(0.3) else value
            for key, value in given.items()
        }

    def _nested(self, context: Context, shape: Shape, depth: int) -> Piece | None:
        body = self.pieces(context, shape, self.draw.whole(1, 3), depth)
        name = self.draw.fresh("inner") if self.draw.chance(0.4) else ""
        if self.draw.chance(0.3):
            first: Layer = Layer("Identity")
            return Nested([first, *body], {"entry": {"shape": [*shape[1:]]}}, name)
        found = Nested(body, {}, name)
        self._settle(found.beside)
        return found

    def _load(self, context: Context, shape: Shape, depth: int) -> Piece | None:
        until = self.draw.one(sorted(LAYERS)) if self.draw.chance(0.7) else ""
        found = Saved(shape, until, self.draw.one((None, None, True, False)))
        if self.draw.chance(0.3):
            found.beside["name"] = self.draw.fresh("saved")
        self._settle(found.beside)
        self.saved.add(shape)
        return found

    def _application(self, context: Context, shape: Shape, depth: int) -> Piece | None:
        """Behind the layers that make a picture for it; at most one, since they are slow."""
        if len(shape) != 4 or None in shape[1:] or "application" in self.draw.seen:
            return None
        self.draw.note("application")
        word = self.draw.one(sorted(SMALLEST))
        arguments = {"weights": None, "classes": self.draw.one(UNITS), **SMALLEST[word]}
        picture: list[Piece] = [
            Layer("Resizing", {"height": SIDE, "width": SIDE}),
            Layer("Conv2D", {"filters": 3, "kernel_size": 1}),
            Application(word, arguments),
        ]
        return Nested(picture)

    def _skip(self, context: Context, shape: Shape, depth: int) -> Piece | None:
        body = self.pieces(context, shape, self.draw.whole(1, 2), depth)
        end = follow(body, context, shape)
        word = "Concatenate"
        if end == shape:
            word = self.draw.one((*ELEMENTWISE, "Subtract", self.draw.one(MERGING)))
        if len(shape) == 2 and end and len(end) == 2 and self.draw.chance(0.2) and end == shape:
            return Skip(*self._ends(body), Layer("Dot", {"axes": 1}))
        self.draw.note(f"merge {word}")
        return Skip(*self._ends(body), Layer(word))

    def _ends(self, body: list[Piece]) -> tuple[str, list[Piece], str]:
        return self.draw.fresh("start"), body, self.draw.fresh("end")

    def _attend(self, context: Context, shape: Shape, depth: int) -> Piece | None:
        if len(shape) != 3:
            return None
        source = self.draw.fresh("source")
        word = self.draw.one(
            ("MultiHeadAttention", "GroupQueryAttention", "Attention", "AdditiveAttention")
        )
        arguments: dict[str, Any] = {}
        if word == "MultiHeadAttention":
            arguments = {"num_heads": self.draw.one((1, 2)), "key_dim": self.draw.one(UNITS)}
            arguments |= self.draw.some(0.3, value_dim=(3,), use_bias=(False,), dropout=(0.1,))
        elif word == "GroupQueryAttention":
            arguments = {"head_dim": 4, "num_query_heads": 2, "num_key_value_heads": 1}
        else:
            arguments = self.draw.some(0.3, dropout=(0.1,))
        several = word in ("Attention", "AdditiveAttention")
        by_name = {"query": source, "value": source} | self.draw.some(0.4, key=(source,))
        beside: dict[str, Any] = {"from": [source, source] if several else by_name}
        if self.draw.chance(0.4):
            beside["call"] = {"use_causal_mask": True}
        self.draw.note(f"layer {word}")
        return Attend(source, Layer(word, self._with_holes(arguments, context), beside))

    def _shared(self, context: Context, shape: Shape, depth: int) -> Piece | None:
        for _ in range(TRIES):
            layer = self._layer(context, shape, depth)
            if isinstance(layer, Layer) and layer.shape(context, shape) == shape:
                layer.beside["name"] = self.draw.fresh("shared")
                between: list[Piece] = [Layer("ReLU")] if self.draw.chance(0.5) else []
                return Shared(layer, between)
        return None

    def _split(self, context: Context, shape: Shape, depth: int) -> Piece | None:
        if self.draw.chance(0.3):
            self.ends.add(shape)
            merge = Layer(self.draw.one(ELEMENTWISE))
            return SavedEnds(shape, self.draw.fresh("saved"), merge)
        units = {"units": self.draw.one(UNITS)}
        first = Layer("Dense", units, {"name": self.draw.fresh("head")})
        second = Layer("Dense", units, {"name": self.draw.fresh("head"), "from": "input"})
        return Split(self.draw.fresh("twin"), (first, second), Layer(self.draw.one(ELEMENTWISE)))

    def _with_holes(self, arguments: dict[str, Any], context: Context) -> dict[str, Any]:
        """Some of the numbers as expressions over what the context names."""
        local = {n: v for n, v in _numbers(context.values).items() if n not in context.shared}
        known = local or _numbers(context.shared)
        found = dict(arguments)
        for key, value in arguments.items():
            if key in COUNTS and type(value) is int and known and self.draw.chance(0.5):
                name = self.draw.one(sorted(known))
                factor = self.draw.one((1, 1, 1, 2))
                found[key] = Hole(name, factor, value - known[name] * factor)
                self.draw.note("expression")
        return found

    def _spelled(self, value: int, context: Context) -> Any:
        """A number, or an expression for it that is the same in every round."""
        known = _numbers(context.shared)
        if not known or self.draw.chance(0.5):
            return value
        name = self.draw.one(sorted(known))
        return Hole(name, 1, value - known[name])


def _numbers(values: Environment) -> dict[str, int]:
    return {name: v for name, v in values.items() if type(v) is int and name != "i"}
