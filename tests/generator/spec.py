"""A whole spec from a seed: its files as they are written, and what they mean."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from math import prod
from typing import Any

from modelforge.document.write import to_yaml
from modelforge.graph.shapes.known import Shape
from tests.generator import data, plugin
from tests.generator.context import Context
from tests.generator.data import BUNDLED, Target
from tests.generator.draw import Draw
from tests.generator.grow import Grower
from tests.generator.holes import Hole, spell
from tests.generator.inherit import inherited, overridden
from tests.generator.inputs import flat, tower
from tests.generator.objects import Objects
from tests.generator.pieces import Layer, Meant, Piece, follow, meant, written
from tests.generator.saved import file_of, save, save_ends
from tests.generator.training import training
from tests.generator.vocabulary import UNITS

DEFAULTS: dict[str, dict[str, Any]] = {
    "Conv2D": {"padding": "same"},
    "Conv1D": {"padding": "same", "use_bias": False},
    "Dense": {"kernel_initializer": ["HeNormal", "initializer", {}]},
    "BatchNormalization": {"epsilon": 0.01, "momentum": 0.9},
    "Dropout": {"rate": 0.3},
    "LSTM": {"unit_forget_bias": False},
}
# What Keras 3.15.1 can build, but not train where all of the model has another dtype
# (tests/graph/test_untrainable.py).
OF_FLOAT32 = re.compile("regulariz|CategoryEncoding|STFTSpectrogram", re.IGNORECASE)
SOURCES = {"": 5.0, "bundled": 2.5, "archive": 2.5, "table": 0.8}


@dataclass
class Made:
    """files: texts by name, `spec.yaml` the one to load; whole: the same spec in a single file.

    beside: what else lies in the folder: bytes, or what writes a file there. overrides: what
    `--set` says, and environment what `env` does, to the files (`whole` needs no override).
    meant: the layers that the model is to have; outputs: how many; seen: words and features.
    """

    files: dict[str, str]
    whole: str
    meant: Meant
    outputs: int
    trains: bool
    beside: Mapping[str, Any] = field(default_factory=dict)
    overrides: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    plugged: bool = False
    has_data: bool = False
    seen: Counter[str] = field(default_factory=Counter)


class SpecWriter:
    """Makes one spec; trainable: one that has all that training needs."""

    def __init__(self, seed: int, trainable: bool = False) -> None:
        self.draw = Draw(seed)
        self.trainable = trainable
        self.pen = Objects(self.draw, plugged=self.draw.chance(0.12))
        self.grower = Grower(self.draw, self.pen)
        names = [self.draw.fresh("width") for _ in range(self.draw.whole(0, 3))]
        variables: dict[str, Any] = {name: self.draw.one(UNITS) for name in names}
        chosen = self.draw.sample(sorted(DEFAULTS), 2)
        defaults = {word: DEFAULTS[word] for word in chosen}
        self.context = Context(variables, variables, defaults)
        self.spec: dict[str, Any] = {"modelforge": 1, "name": "generated"}
        self.beside: dict[str, Any] = {}
        self.environment: dict[str, str] = {}

    def make(self) -> Made:
        """The spec."""
        spec = self.spec
        weights = {**SOURCES, "": 0.0} if self.trainable else SOURCES
        source = self.draw.weighted(weights)
        made = {"bundled": self._on_bundled, "table": self._on_table}.get(source)
        pieces, targets = made() if made else self._on_inputs(archive=source == "archive")
        if self.pen.plugged:
            self.draw.note("plugins")
            spec["plugins"] = self.draw.one((plugin.FILE, [plugin.FILE]))
            self.beside[plugin.FILE] = plugin.TEXT.encode()
        self._write_model(pieces, [target.name for target in targets])
        trains = bool(source) or self.draw.chance(0.4)
        if trains:
            kinds = [_kind(target, bool(source)) for target in targets]
            names = [target.name for target in targets]
            spec["train"] = training(self.draw, self.pen, names, kinds, self.trainable)
            if OF_FLOAT32.search(to_yaml(spell(spec))):
                spec["train"].pop("precision", None)
        spec = spell(spec)
        self._add_variables(spec)
        whole = to_yaml(spec)
        files, overrides = self._in_files(copy.deepcopy(spec))
        for shape in self.grower.saved:
            if file_of(shape) in whole:
                self.beside[file_of(shape)] = partial(save, shape)
        for shape in self.grower.ends:
            if file_of(shape, ends=True) in whole:
                self.beside[file_of(shape, ends=True)] = partial(save_ends, shape)
        layers = meant(pieces, self.context)
        return Made(
            files, whole, layers, len(targets), trains, self.beside, overrides, self.environment,
            self.pen.plugged, bool(source), self.draw.seen,
        )  # fmt: skip

    def _write_model(self, pieces: list[Piece], outputs: list[str]) -> None:
        model = self.spec.setdefault("model", {})
        if self.context.defaults:
            model["defaults"] = {
                word: {k: self.pen.value(v) for k, v in given.items()}
                for word, given in self.context.defaults.items()
            }
        model["layers"] = written(pieces, self.pen)
        if len(outputs) > 1:
            self.draw.note("several outputs")
            model["outputs"] = outputs
        if self.grower.blocks:
            self.spec["blocks"] = {b.name: b.declaration(self.pen) for b in self.grower.blocks}

    def _in_files(self, spec: dict[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
        """The spec over several files, and what is left to `--set`."""
        overrides: list[str] = []
        if self.draw.chance(0.2):
            overrides = overridden(self.draw, spec)
        if self.draw.chance(0.25):
            return inherited(self.draw, spec), tuple(overrides)
        return {"spec.yaml": to_yaml(spec)}, tuple(overrides)

    def _add_variables(self, spec: dict[str, Any]) -> None:
        text = to_yaml(spec)
        used: dict[str, Any] = {
            n: v for n, v in self.context.shared.items() if n in text and not n.startswith("data.")
        }
        names = [*used]
        for name in names:
            if self.draw.chance(0.15):
                self.draw.note("env")
                self.environment[f"GENERATED_{name.upper()}"] = str(used[name])
                used[name] = "${int(env.GENERATED_" + name.upper() + ")}"
        if len(names) > 1 and self.draw.chance(0.3):
            self.draw.note("variable of a variable")
            first, second = names[:2]
            offset = self.context.shared[second] - self.context.shared[first]
            used[second] = str(Hole(first, 1, offset))
        if used:
            self.draw.note("vars")
            spec["vars"] = used

    def _on_bundled(self) -> tuple[list[Piece], list[Target]]:
        name = self.draw.one((*BUNDLED,))
        shape, classes = BUNDLED[name]
        self.draw.note(f"source {name}")
        self.spec["data"] = {"train": name, **data.common(self.draw)}
        augmenting = data.augmenting(self.draw, self.pen, shape[1:])
        if augmenting and self.draw.chance(0.4):
            self.spec["data"]["augment"] = augmenting
        pieces = self._trunk(shape)
        if self.draw.chance(0.15):
            return self._given_back(pieces, shape)
        if not classes:
            return [*pieces, Layer("Dense", {"units": 1})], [Target("", False, 1)]
        head = Layer("Dense", {"units": self._fact("data.classes", classes)})
        head.arguments["activation"] = ["softmax", "activation", {}]
        return [*pieces, head], [Target("", True, classes)]

    def _given_back(self, pieces: list[Piece], shape: Shape) -> tuple[list[Piece], list[Target]]:
        """The input as its own target."""
        self.draw.note("target: inputs")
        self.spec["data"]["target"] = "inputs"
        units = prod(size or 1 for size in shape[1:])
        target = self._fact("data.shape", [*shape[1:]])
        ends = [Layer("Dense", {"units": units}), Layer("Reshape", {"target_shape": target})]
        return [*pieces, *ends], [Target("", False, units)]

    def _fact(self, name: str, value: Any) -> Hole:
        """What the data tells."""
        values = {**self.context.shared, name: value}
        self.context = replace(self.context, values=values, shared=values)
        self.draw.note(name)
        return Hole(name)

    def _trunk(self, shape: Shape) -> list[Piece]:
        pieces = self.grower.pieces(self.context, shape, self.draw.whole(1, 5))
        after = follow(pieces, self.context, shape)
        assert after is not None
        return pieces + flat(self.draw, self.context, after)

    def _on_table(self) -> tuple[list[Piece], list[Target]]:
        self.draw.note("source CSV")
        targets = self._targets(table=True)
        given, content, width = data.table(self.draw, targets)
        self.beside["table.csv"] = content
        self.spec["data"] = {"train": {"CSV": given}, **data.common(self.draw)}
        trunk = self.draw.fresh("trunk")
        pieces = [*self._trunk((None, width)), Layer("Identity", {}, {"name": trunk})]
        return self._heads(pieces, trunk, targets), targets

    def _on_inputs(self, archive: bool) -> tuple[list[Piece], list[Target]]:
        count = self.draw.one((1, 1, 2, 3))
        axes = 4 if self.trainable else 5  # TensorFlow's softmax runs on no more of them on CPUs
        towers = [tower(self.draw, self.grower, self.context, archive, axes) for _ in range(count)]
        inputs = {name: given for each in towers for name, given in each.inputs.items()}
        self.spec["model"] = {"inputs": inputs}
        pieces = [piece for each in towers for piece in each.pieces]
        trunk = self.draw.fresh("trunk")
        ends = [each.end for each in towers]
        if count > 1:
            self.draw.note("several inputs")
            pieces.append(Layer("Concatenate", {}, {"from": ends, "name": trunk}))
        else:
            pieces.append(Layer("Identity", {}, {"name": trunk}))
        targets = self._targets(table=False)
        if archive:
            self.draw.note("source NPZ")
            kinds = {n: (each.kind, s["shape"]) for each in towers for n, s in each.inputs.items()}
            given, content = data.archive(self.draw, kinds, targets)
            self.beside["data.npz"] = content
            self.spec["data"] = {"train": {"NPZ": given}, **data.common(self.draw)}
            kind, shape = next(iter(kinds.values()))
            layers = data.augmenting(self.draw, self.pen, shape) if kind == "float32" else []
            if layers and self.draw.chance(0.8):
                self.spec["data"]["augment"] = layers
        return self._heads(pieces, trunk, targets), targets

    def _targets(self, table: bool) -> list[Target]:
        count = self.draw.one((1, 1, 2, 3))
        found = []
        for _ in range(count):
            name, classes = self.draw.fresh("out"), self.draw.chance(0.6)
            size = self.draw.one((1, 3, 5)) if classes or not table else 1
            found.append(Target(name, classes, size))
        return found if count > 1 else [replace(found[0], name="")]

    def _heads(self, pieces: list[Piece], trunk: str, targets: list[Target]) -> list[Piece]:
        for target in targets:
            activation: Any = {1: "sigmoid"}.get(target.size, "softmax")
            arguments: dict[str, Any] = {"units": target.size}
            if target.classes or self.draw.chance(0.5):
                arguments["activation"] = [activation, "activation", {}]
            beside = {"name": target.name or self.draw.fresh("out"), "from": trunk}
            pieces.append(Layer("Dense", arguments, beside))
        return pieces


def _kind(target: Target, learned: bool) -> str:
    """What `training` is to fit: nothing where there is no data to tell."""
    if not learned:
        return "any" if target.size > 1 else "any number"
    if target.classes:
        return "classes" if target.size > 1 else "binary"
    return "number"


def make_spec(seed: int, trainable: bool = False) -> Made:
    """The spec of a seed; trainable: one that has all that training needs."""
    return SpecWriter(seed, trainable).make()
