"""Crafted models in the old HDF5 format."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from filecorpus import attack
from filekit import Kit

CODE, WEIGHTS, CONFIG = "model-code", "model-weights", "model-config"


def old(
    kit: Kit, name: str, layer: dict[str, Any], fill: Callable[[h5py.File], None] | None = None
) -> Path:
    """A sequential model of one layer on rows of three numbers."""
    config = {"name": "it", "batch_input_shape": [None, 3], **layer.get("config", {})}
    model = {
        "class_name": "Sequential",
        "config": {"name": "m", "layers": [{**layer, "config": config}]},
    }
    path = kit.path(name)
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(model)
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [b"it"]
        group.create_group("it").attrs["weight_names"] = [b"it/kernel:0"]
        group["it/it/kernel:0"] = np.zeros((3, 2), "float32")
        if fill is not None:
            fill(file)
    return path


def dense(units: int = 2) -> dict[str, Any]:
    return {"class_name": "Dense", "config": {"units": units, "use_bias": False}}


@attack(CODE, "names `Lambda`, which runs code")
def old_lambda(kit: Kit) -> Path:
    code = [f"open({str(kit.canary)!r}, 'w')", None, None]
    return old(kit, "lambda.h5", {"class_name": "Lambda", "config": {"function": code}})


@attack(CODE, "which no model of Keras needs")
def old_wrapped(kit: Kit) -> Path:
    layer = dense()
    layer["config"]["kernel_initializer"] = {"class_name": "__wrapped__", "config": {}}
    return old(kit, "wrapped.h5", layer)


@attack(CODE, "which no model of Keras needs")
def old_module(kit: Kit) -> Path:
    layer = {"class_name": "system", "module": "os", "registered_name": None}
    return old(kit, "module.hdf5", layer)


@attack(CODE, "names the class `TypeSpec`")
def old_type(kit: Kit) -> Path:
    layer = dense()
    layer["config"]["dtype"] = {"class_name": "TypeSpec", "type_spec": "x", "serialized": []}
    return old(kit, "type.h5", layer)


@attack(CODE, "reads the file")
def old_vocabulary(kit: Kit) -> Path:
    config = {"vocabulary": str(kit.secret)}
    return old(kit, "vocabulary.h5", {"class_name": "StringLookup", "config": config})


@attack(WEIGHTS, "its layers would hold")
def old_wide(kit: Kit) -> Path:
    return old(kit, "wide.h5", dense(10**9))


@attack(WEIGHTS, "are a link to")
def old_link(kit: Kit) -> Path:
    def fill(file: h5py.File) -> None:
        file["model_weights/it/elsewhere"] = h5py.ExternalLink(str(kit.secret), "/")

    return old(kit, "link.h5", dense(), fill)


@attack(WEIGHTS, "lie in another file")
def old_external(kit: Kit) -> Path:
    def fill(file: h5py.File) -> None:
        outside = [(str(kit.secret), 0, 8)]
        file.create_dataset("model_weights/it/outside", (2,), "float32", external=outside)

    return old(kit, "external.h5", dense(), fill)


@attack(WEIGHTS, "claim")
def old_claim(kit: Kit) -> Path:
    def fill(file: h5py.File) -> None:
        file.create_dataset("model_weights/it/much", (1 << 32,), "float32")

    return old(kit, "claim.h5", dense(), fill)


@attack(CONFIG, "more than 128 levels")
def old_deep(kit: Kit) -> Path:
    inner: Any = 1
    for _ in range(300):
        inner = [inner]
    layer = dense()
    layer["config"]["kernel_initializer"] = inner
    return old(kit, "deep.h5", layer)


@attack(CONFIG, "describes no model")
def old_empty(kit: Kit) -> Path:
    path = kit.path("empty.h5")
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = '{"class_name": "Sequential", "config": {"layers": []}}'
    return path


@attack("model-archive", "at most")
def old_long(kit: Kit) -> Path:
    """A text that claims more than any configuration has."""
    path = kit.path("long.h5")
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = "x" * 1000
    content = bytearray(path.read_bytes())
    place = content.index((1000).to_bytes(4, "little"), content.index(b"model_config"))
    content[place : place + 4] = (1 << 31).to_bytes(4, "little")
    path.write_bytes(content)
    return path


@attack("model-archive", "newer form of HDF5")
def old_new_form(kit: Kit) -> Path:
    path = kit.path("new.h5")
    with h5py.File(path, "w", libver="latest") as file:
        file.attrs["model_config"] = "{}"
    return path
