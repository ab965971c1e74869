"""A whole spec from a seed: its files as they are written, and what they mean."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from modelforge.document.write import to_yaml
from modelforge.graph.shapes.known import Shape
from tests.generator.context import Context
from tests.generator.draw import Draw
from tests.generator.grow import Grower
from tests.generator.holes import Hole, spell
from tests.generator.inherit import inherited
from tests.generator.objects import Objects
from tests.generator.pieces import Layer, Meant, Piece, follow, meant, written
from tests.generator.training import training
from tests.generator.vocabulary import ENCODERS, UNITS

BUNDLED: dict[str, tuple[Shape, int]] = {
    "Digits": ((None, 8, 8, 1), 10),
    "Iris": ((None, 4), 3),
    "Wine": ((None, 13), 3),
    "BreastCancer": ((None, 30), 2),
    "Diabetes": ((None, 10), 0),
}
INPUTS: dict[str, tuple[tuple[Any, ...], ...]] = {
    "float32": (
        (6,), (9,), (5, 4), (None, 3), (8, 8, 3), (6, 7, 2), (4, 4, 4, 2), (2, 4, 4, 4, 1),
    ),
    "int32": ((5,), (7,)),
    "string": ((3,),),
}  # fmt: skip
DEFAULTS: dict[str, dict[str, Any]] = {
    "Conv2D": {"padding": "same"},
    "Conv1D": {"padding": "same", "use_bias": False},
    "Dense": {"kernel_initializer": ["HeNormal", "initializer", {}]},
    "BatchNormalization": {"epsilon": 0.01, "momentum": 0.9},
    "Dropout": {"rate": 0.3},
    "LSTM": {"unit_forget_bias": False},
}


@dataclass
class Made:
    """files: texts by name, `spec.yaml` the one to load; whole: the same spec in a single file.

    meant: the layers that the model is to have; outputs: how many; seen: words and features.
    """

    files: dict[str, str]
    whole: str
    meant: Meant
    outputs: int
    trains: bool
    seen: Counter[str] = field(default_factory=Counter)


class SpecWriter:
    """Makes one spec."""

    def __init__(self, seed: int) -> None:
        self.draw = Draw(seed)
        self.pen = Objects(self.draw)
        self.grower = Grower(self.draw)
        names = [self.draw.fresh("width") for _ in range(self.draw.whole(0, 3))]
        variables: dict[str, Any] = {name: self.draw.one(UNITS) for name in names}
        chosen = self.draw.sample(sorted(DEFAULTS), 2)
        defaults = {word: DEFAULTS[word] for word in chosen}
        self.context = Context(variables, variables, defaults)

    def make(self) -> Made:
        """The spec."""
        spec: dict[str, Any] = {"modelforge": 1, "name": "generated"}
        name = self.draw.one((*BUNDLED,)) if self.draw.chance(0.3) else ""
        pieces, outputs, sizes = self._on_data(name) if name else self._on_inputs(spec)
        if name:
            self.draw.note(f"source {name}")
            spec["data"] = {"train": name, "validation": 0.2, "batch_size": self.draw.one((16, 32))}
        model = spec.setdefault("model", {})
        if self.context.defaults:
            filled = self.context.defaults
            model["defaults"] = {
                word: {k: self.pen.value(v) for k, v in given.items()}
                for word, given in filled.items()
            }
        model["layers"] = written(pieces, self.pen)
        if len(outputs) > 1:
            self.draw.note("several outputs")
            model["outputs"] = outputs
        if self.grower.blocks:
            spec["blocks"] = {b.name: b.declaration(self.pen) for b in self.grower.blocks}
        trains = bool(name) or self.draw.chance(0.4)
        if trains:
            spec["train"] = training(self.draw, self.pen, outputs, sizes, self.context)
        spec = spell(spec)
        self._add_variables(spec)
        files = {"spec.yaml": to_yaml(spec)}
        if self.draw.chance(0.25):
            files = inherited(self.draw, copy.deepcopy(spec))
        layers = meant(pieces, self.context)
        return Made(files, to_yaml(spec), layers, len(outputs), trains, self.draw.seen)

    def _add_variables(self, spec: dict[str, Any]) -> None:
        text = to_yaml(spec)
        used = {n: v for n, v in self.context.shared.items() if n in text and n != "data.classes"}
        if used:
            self.draw.note("vars")
            spec["vars"] = used

    def _on_data(self, name: str) -> tuple[list[Piece], list[str], list[int]]:
        shape, classes = BUNDLED[name]
        pieces = self.grower.pieces(self.context, shape, self.draw.whole(1, 5))
        after = follow(pieces, self.context, shape)
        assert after is not None
        pieces += self._flat(after)
        if classes:
            units = Hole("data.classes")
            values = {**self.context.shared, units.name: classes}
            self.context = replace(self.context, values=values, shared=values)
            self.draw.note("data.classes")
            head = Layer("Dense", {"units": units, "activation": ["softmax", "activation", {}]})
        else:
            head = Layer("Dense", {"units": 1})
        return [*pieces, head], [""], [classes or 1]

    def _on_inputs(self, spec: dict[str, Any]) -> tuple[list[Piece], list[str], list[int]]:
        count = self.draw.one((1, 1, 2, 3))
        inputs: dict[str, Any] = {}
        towers: list[list[Piece]] = []
        ends: list[str] = []
        for _ in range(count):
            name = self.draw.fresh("in")
            inputs[name], tower = self._tower(name)
            ends.append(tower[-1].beside["name"])  # type: ignore[attr-defined]
            towers.append(tower)
        spec["model"] = {"inputs": inputs}
        pieces = [piece for tower in towers for piece in tower]
        trunk = self.draw.fresh("trunk")
        if count > 1:
            self.draw.note("several inputs")
            beside = {"from": ends, "name": trunk}
            pieces.append(Layer("Concatenate", {}, beside))
        else:
            pieces.append(Layer("Identity", {}, {"name": trunk}))
        return self._heads(pieces, trunk)

    def _heads(self, pieces: list[Piece], trunk: str) -> tuple[list[Piece], list[str], list[int]]:
        count = self.draw.one((1, 1, 2, 3))
        outputs, sizes = [], []
        for _ in range(count):
            name, size = self.draw.fresh("out"), self.draw.one((1, 3, 5))
            activation: Any = {1: "sigmoid"}.get(size, "softmax")
            arguments: dict[str, Any] = {"units": size}
            if self.draw.chance(0.7):
                arguments["activation"] = [activation, "activation", {}]
            pieces.append(Layer("Dense", arguments, {"name": name, "from": trunk}))
            outputs.append(name)
            sizes.append(size)
        return pieces, outputs, sizes

    def _tower(self, name: str) -> tuple[dict[str, Any], list[Piece]]:
        dtype = self.draw.one(("float32",) * 6 + ("int32", "string"))
        sizes = self.draw.one(INPUTS[dtype])
        shape: Shape = (None, *sizes)
        written: dict[str, Any] = {"shape": [*sizes]}
        if dtype != "float32" or self.draw.chance(0.2):
            written["dtype"] = dtype
        self.draw.note(f"input {dtype}")
        first = self._first(dtype, shape)
        first.beside["from"] = name
        tower: list[Piece] = [first]
        after = first.shape(self.context, shape)
        assert after is not None
        more = self.grower.pieces(self.context, after, self.draw.whole(1, 4))
        tower += more
        after = follow(tower, self.context, shape)
        assert after is not None
        tower += self._flat(after)
        tower.append(Layer("Dense", {"units": self.draw.one(UNITS)}))
        tower.append(Layer("Identity", {}, {"name": self.draw.fresh("tower")}))
        return written, tower

    def _first(self, dtype: str, shape: Shape) -> Layer:
        if dtype == "float32":
            return Layer("Activation", {"activation": ["linear", "activation", {}]})
        words = ENCODERS[dtype]
        word = self.draw.one(sorted(words))
        self.draw.note(f"layer {word}")
        return self.grower.layer(word, words[word], self.context, shape)

    def _flat(self, shape: Shape) -> list[Piece]:
        """Layers that leave one axis of known size."""
        found: list[Piece] = []
        while len(shape) > 2:
            rank = len(shape) - 2
            pooled = [f"Global{what}Pooling{rank}D" for what in ("Max", "Average")]
            known = all(size is not None for size in shape[1:])
            if rank > 3 or (known and self.draw.chance(0.5)):
                found.append(Layer("Flatten"))
            else:
                found.append(Layer(self.draw.one(pooled)))
            after = follow(found[-1:], self.context, shape)
            assert after is not None, (found[-1], shape)
            shape = after
        return found


def make_spec(seed: int) -> Made:
    """The spec of a seed."""
    return SpecWriter(seed).make()
