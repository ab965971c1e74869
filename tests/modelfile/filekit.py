"""Tools to make model files that no Keras would write, out of one that it did."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
Json = dict[str, Any]


class Kit:
    """folder: where the files go. base: a small functional model, saved by Keras.

    canary: a file that no attack may bring about; secret: one that none may read.
    """

    def __init__(self, folder: Path, base: Path) -> None:
        self.folder = folder
        self.base = base
        self.canary = folder / "canary"
        self.secret = folder / "secret.txt"
        self.secret.write_text("alpha\nbeta\n", encoding="utf-8")

    def path(self, name: str) -> Path:
        return self.folder / name

    def members(self) -> dict[str, bytes]:
        """What is in the base file."""
        with zipfile.ZipFile(self.base) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def config(self) -> Json:
        """The configuration of the base file."""
        found: Json = json.loads(self.members()[CONFIG])
        return found

    def write(self, name: str, members: dict[str, bytes], **options: Any) -> Path:
        """A zip archive of these members."""
        path = self.path(name)
        with zipfile.ZipFile(path, "w", **options) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        return path

    def with_member(self, name: str, member: str, content: bytes = b"x") -> Path:
        """The base file with one more member."""
        return self.write(name, {**self.members(), member: content})

    def with_text(self, name: str, text: bytes) -> Path:
        """The base file with another text as its configuration."""
        return self.write(name, {**self.members(), CONFIG: text})

    def with_config(self, name: str, config: Any) -> Path:
        """The base file with another configuration."""
        return self.with_text(name, json.dumps(config).encode())

    def changed(self, name: str, change: Callable[[Json], None]) -> Path:
        """The base file, its configuration changed."""
        config = self.config()
        change(config)
        return self.with_config(name, config)

    def with_layer(self, name: str, layer: Json) -> Path:
        """The base file with another layer in the place of the first `Dense`."""
        config = self.config()
        for index, old in enumerate(config["config"]["layers"]):
            if old["class_name"] == "Dense":
                layer = {"registered_name": None, "build_config": None, **layer}
                layer.setdefault("config", {})
                if isinstance(layer["config"], dict):
                    layer["config"].setdefault("name", old["name"])
                layer |= {"name": old["name"], "inbound_nodes": old["inbound_nodes"]}
                config["config"]["layers"][index] = layer
                break
        return self.with_config(name, config)

    def with_argument(self, name: str, argument: str, value: Any) -> Path:
        """The base file with another argument of the first `Dense`."""
        config = self.config()
        dense(config)["config"][argument] = value
        return self.with_config(name, config)

    def with_weights(self, name: str, fill: Callable[[h5py.File], None]) -> Path:
        """The base file with other weights."""
        buffer = io.BytesIO()
        with h5py.File(buffer, "w") as file:
            fill(file)
        return self.write(name, {**self.members(), WEIGHTS: buffer.getvalue()})

    def with_changed_weights(self, name: str, change: Callable[[h5py.File], None]) -> Path:
        """The base file, its weights changed."""
        buffer = io.BytesIO(self.members()[WEIGHTS])
        with h5py.File(buffer, "r+") as file:
            change(file)
        return self.write(name, {**self.members(), WEIGHTS: buffer.getvalue()})


def dense(config: Json) -> Json:
    """The first `Dense` of a configuration."""
    found: Json = next(it for it in config["config"]["layers"] if it["class_name"] == "Dense")
    return found


def kernel(file: h5py.File) -> h5py.Dataset:
    """A matrix among the weights."""
    return next(it for it in datasets(file) if it.ndim == 2)


def datasets(group: h5py.Group) -> Iterator[h5py.Dataset]:
    """All arrays of a file."""
    for item in group.values():
        if isinstance(item, h5py.Dataset):
            yield item
        elif isinstance(item, h5py.Group):
            yield from datasets(item)


def save_base(path: Path) -> None:
    """The model that all files are made of."""
    import keras

    inputs = keras.Input((4,), name="row")
    hidden = keras.layers.Dense(3, activation="relu", name="hidden")(inputs)
    inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, name="deep")], name="inner")
    outputs = keras.layers.Dense(2, name="head")(inner(hidden))
    model = keras.Model(inputs, outputs, name="base")
    model.predict(np.zeros((1, 4), "float32"), verbose=0)
    model.save(path)
