"""Pieces that were models before: saved ones, which the proof makes first, and Keras's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras

from modelforge.graph.shapes.known import Shape
from tests.generator.context import Context
from tests.generator.holes import fill
from tests.generator.objects import Objects
from tests.generator.pieces import Layer, Meant, with_beside

# What the last axis is behind each layer of a saved model; None is that of its input.
LAYERS: dict[str, int | None] = {
    "first": 4,
    "encoder": 3,
    "encoder.a": 3,
    "encoder.b.c": 3,
    "tanh": 3,
    "last": None,
    "": None,
}
# The smallest that each family of keras.applications makes of a small picture.
SMALLEST: dict[str, dict[str, Any]] = {
    "MobileNet": {"alpha": 0.25, "depth_multiplier": 1, "input_shape": [32, 32, 3]},
    "MobileNetV2": {"alpha": 0.35, "input_shape": [32, 32, 3]},
    "MobileNetV3Small": {"alpha": 0.75, "minimalistic": True},
}
SIDE = 32  # what they take at least


ENDS = ("left", "right")  # the outputs of a saved model that has two


def file_of(shape: Shape, ends: bool = False) -> str:
    """The file of the saved model that takes this shape; ends: of the one with two outputs."""
    sizes = "-".join("any" if size is None else str(size) for size in shape[1:])
    return f"saved-{'ends-' if ends else ''}{sizes}.keras"


def save_ends(shape: Shape, folder: Path) -> None:
    """Writes the model of two outputs that takes this shape."""
    keras.backend.clear_session(free_memory=False)
    entry = keras.Input(shape[1:], name="entry")
    ends = [keras.layers.Dense(3, name=name)(entry) for name in ENDS]
    keras.Model(entry, ends, name="saved_ends").save(folder / file_of(shape, ends=True))


def save(shape: Shape, folder: Path) -> None:
    """Writes the model that takes this shape, with a model and an operation in it."""
    keras.backend.clear_session(free_memory=False)
    inner = [keras.layers.Dense(3, name="a"), keras.layers.LayerNormalization(name="b.c")]
    entry = keras.Input(shape[1:], name="entry")
    found = keras.layers.Dense(4, activation="relu", name="first")(entry)
    found = keras.Sequential(
        [keras.Input(tuple(found.shape[1:])), *inner], name="encoder"
    )(found)  # fmt: skip
    found = keras.layers.Dense(shape[-1], name="last")(keras.ops.tanh(found))
    keras.Model(entry, found, name="saved").save(folder / file_of(shape))


@dataclass
class Saved:
    """A saved model, whole or up to a layer."""

    takes: Shape
    until: str = ""
    trainable: bool | None = None
    beside: dict[str, Any] = field(default_factory=dict)

    def write(self, pen: Objects) -> list[Any]:
        path = file_of(self.takes)
        pen.draw.note("load until" if self.until else "load")
        given = {"until": self.until} if self.until else {}
        value: Any = {"path": path, **given}
        if self.trainable is not None:
            pen.draw.note("load trainable")
            value["trainable"] = self.trainable
        return [with_beside({"load": path if len(value) == 1 else value}, self.beside)]

    def meant(self, context: Context) -> Meant:
        return [("load", [file_of(self.takes), self.until, self.trainable])]

    def shape(self, context: Context, shape: Shape) -> Shape | None:
        return (*shape[:-1], LAYERS[self.until] or shape[-1]) if shape == self.takes else None


@dataclass
class SavedEnds:
    """A saved model of two outputs, and a layer that merges them by their names."""

    takes: Shape
    name: str
    merge: Layer

    def write(self, pen: Objects) -> list[Any]:
        pen.draw.note("outputs of a saved model")
        sources = {"from": [f"{self.name}.{end}" for end in ENDS]}
        merging = Layer(self.merge.word, self.merge.arguments, sources)
        return [{"load": file_of(self.takes, ends=True), "name": self.name}, *merging.write(pen)]

    def meant(self, context: Context) -> Meant:
        saved = ("load", [file_of(self.takes, ends=True), "", None])
        return [saved, *self.merge.meant(context)]

    def shape(self, context: Context, shape: Shape) -> Shape | None:
        return (*shape[:-1], 3) if shape == self.takes else None


@dataclass
class Application:
    """A model of keras.applications without weights, on a small picture."""

    word: str
    arguments: dict[str, Any]
    beside: dict[str, Any] = field(default_factory=dict)

    def write(self, pen: Objects) -> list[Any]:
        pen.draw.note(f"application {self.word}")
        return [with_beside({self.word: self.arguments}, self.beside)]

    def meant(self, context: Context) -> Meant:
        return [(self.word, fill(self.arguments, context.values))]

    def shape(self, context: Context, shape: Shape) -> Shape | None:
        """With a head, so that the shape is known."""
        return (None, fill(self.arguments, context.values)["classes"]) if len(shape) == 4 else None
