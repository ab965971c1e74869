"""Weights that are not where they seem, not what they seem, or not there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import h5py
import numpy as np
from filecorpus import attack
from filekit import WEIGHTS, Json, Kit, datasets, dense, kernel

RULE = "model-weights"
HUGE = 1 << 30


@attack(RULE, "are a link to")
def external_link(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        name = kernel(file).name
        del file[name]
        file[name] = h5py.ExternalLink(str(kit.secret), "/data")

    return kit.with_changed_weights("external_link.keras", change)


@attack(RULE, "are a link to")
def external_group(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        file["layers/elsewhere"] = h5py.ExternalLink("/etc/hostname", "/")

    return kit.with_changed_weights("external_group.keras", change)


@attack(RULE, "are a link to")
def soft_link(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        file["layers/soft"] = h5py.SoftLink("/layers")

    return kit.with_changed_weights("soft_link.keras", change)


@attack(RULE, "stand under several names")
def hard_link(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        file["layers/again"] = kernel(file)

    return kit.with_changed_weights("hard_link.keras", change)


@attack(RULE, "stand under several names")
def circle(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        file["layers/circle"] = file["layers"]

    return kit.with_changed_weights("circle.keras", change)


@attack(RULE, "lie in another file")
def external_storage(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        name, shape = kernel(file).name, kernel(file).shape
        del file[name]
        file.create_dataset(name, shape, "float32", external=[(str(kit.secret), 0, 4 * 100)])

    return kit.with_changed_weights("external_storage.keras", change)


@attack(RULE, "lie in another file")
def virtual(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        name, shape = kernel(file).name, kernel(file).shape
        del file[name]
        layout = h5py.VirtualLayout(shape, "float32")
        layout[:] = h5py.VirtualSource(str(kit.secret), "data", shape)
        file.create_virtual_dataset(name, layout)

    return kit.with_changed_weights("virtual.keras", change)


@attack(RULE, "claim 4.0 GiB, and 0 bytes are there")
def shape_bomb(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        name = kernel(file).name
        del file[name]
        file.create_dataset(name, (HUGE,), "float32")

    return kit.with_changed_weights("shape_bomb.keras", change)


@attack(RULE, "claim 95.4 MiB")
def many_bombs(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        for number in range(60):
            file.create_dataset(f"layers/more/vars/{number}", (25_000_000,), "float32")

    return kit.with_changed_weights("many_bombs.keras", change)


@attack(RULE, "claim 4.0 GiB")
def compressed_bomb(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        options = {"chunks": (1 << 20,), "compression": "gzip", "fillvalue": 0}
        data = file.create_dataset("layers/big", (HUGE,), "float32", **options)
        data[: 1 << 20] = 1

    return kit.with_changed_weights("compressed_bomb.keras", change)


@attack(RULE, "are no numbers")
def texts(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        file.create_dataset("layers/text", data=["a", "b"], dtype=h5py.string_dtype())

    return kit.with_changed_weights("texts.keras", change)


@attack(RULE, "are no numbers")
def long_texts(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        file.create_dataset("layers/text", (1,), dtype="S100000")

    return kit.with_changed_weights("long_texts.keras", change)


@attack(RULE, "are no numbers")
def records(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        file["layers/record"] = np.zeros(3, [("a", "f4"), ("b", "i4")])

    return kit.with_changed_weights("records.keras", change)


@attack(RULE, "are no numbers")
def references(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        data = file.create_dataset("layers/reference", (1,), dtype=h5py.ref_dtype)
        data[0] = kernel(file).ref

    return kit.with_changed_weights("references.keras", change)


@attack(RULE, "are no array")
def named_type(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        file["layers/type"] = np.dtype("float32")

    return kit.with_changed_weights("named_type.keras", change)


@attack(RULE, "are damaged")
def garbage(kit: Kit) -> Path:
    return kit.write("garbage.keras", {**kit.members(), WEIGHTS: os.urandom(5000)})


@attack(RULE, "are damaged")
def cut_off_weights(kit: Kit) -> Path:
    members = kit.members()
    return kit.write("cut_weights.keras", {**members, WEIGHTS: members[WEIGHTS][:900]})


@attack(RULE, "numbers that are not finite")
def not_a_number(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        kernel(file)[0, 0] = np.nan

    return kit.with_changed_weights("not_a_number.keras", change)


@attack(RULE, "numbers that are not finite")
def infinite(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        for data in datasets(file):
            data[...] = np.inf

    return kit.with_changed_weights("infinite.keras", change)


@attack("model-unreadable", "could not be loaded")
def other_shapes(kit: Kit) -> Path:
    def change(file: h5py.File) -> None:
        name = kernel(file).name
        del file[name]
        file[name] = np.zeros((7, 7), "float32")

    return kit.with_changed_weights("other_shapes.keras", change)


@attack("model-unreadable", "could not be loaded")
def no_arrays(kit: Kit) -> Path:
    return kit.with_weights("no_arrays.keras", lambda file: None)


# --- models that are larger than their weights ------------------------------------------------


@attack(RULE, "its layers would hold 1.5 GiB")
def wide(kit: Kit) -> Path:
    def change(config: Json) -> None:
        config["config"]["layers"][-1]["config"]["units"] = 100_000_000

    return kit.changed("wide.keras", change)


@attack(RULE, "its layers would hold")
def many_wide(kit: Kit) -> Path:
    """No layer is large by itself."""

    def change(config: Json) -> None:
        inner = next(it for it in config["config"]["layers"] if it["class_name"] == "Sequential")
        layers = inner["config"]["layers"]
        again = {**layers[-1], "build_config": None}
        layers[1:1] = [
            {**again, "config": {**again["config"], "name": f"deep{n}", "units": 5000}}
            for n in range(60)
        ]
        layers[-1]["build_config"] = None

    return kit.changed("many_wide.keras", change)


@attack(RULE, "its layers would hold 14.9 GiB")
def wide_table(kit: Kit) -> Path:
    import keras

    with keras.StatelessScope(initialize_variables=False):
        layers = [keras.Input((3,)), keras.layers.Embedding(10**9, 4)]
        model = keras.Sequential(layers, name="table")
        config = keras.saving.serialize_keras_object(model)
    return kit.with_config("wide_table.keras", config)


@attack("model-unreadable", "cannot be loaded")
def another_input(kit: Kit) -> Path:
    def change(config: Json) -> None:
        dense(config)["build_config"]["input_shape"] = [None, 500_000_000]

    return kit.changed("another_input.keras", change)


@attack("model-unreadable", "cannot be loaded")
def another_width(kit: Kit) -> Path:
    return kit.with_argument("another_width.keras", "units", 100_000_000)


# --- files of another kind --------------------------------------------------------------------

KIND = "model-kind"


@attack(KIND, "holds weights without a model")
def weights_alone(kit: Kit) -> Path:
    path = kit.path("alone.weights.h5")
    path.write_bytes(kit.members()[WEIGHTS])
    return path


@attack(KIND, "SavedModel, which is code")
def saved_model(kit: Kit) -> Path:
    path = kit.path("saved_model")
    path.mkdir()
    (path / "saved_model.pb").write_bytes(b"\x08\x01")
    return path


@attack(KIND, "a folder, but not one of a run")
def folder_of_keras(kit: Kit) -> Path:
    """Keras itself opens a folder that holds the members of a file."""
    path = kit.path("folder")
    path.mkdir()
    for name, content in kit.members().items():
        (path / name).write_bytes(content)
    return path


@attack(KIND, "no `.keras` file")
def another_ending(kit: Kit) -> Path:
    return Path(shutil.copy(kit.base, kit.path("model.zip")))


@attack(KIND, "a device, a pipe or a socket")
def pipe(kit: Kit) -> Path:
    path = kit.path("pipe.keras")
    os.mkfifo(path)
    return path


@attack(KIND, "a device, a pipe or a socket")
def device(kit: Kit) -> Path:
    path = kit.path("device.keras")
    path.symlink_to("/dev/zero")
    return path


@attack("no-model-file", "there is no such file")
def missing(kit: Kit) -> Path:
    return kit.path("missing.keras")


@attack("no-model-file", "there is no such file")
def remote(kit: Kit) -> Path:
    return Path("hf:/someone/model.keras")


@attack("no-model-file", "no trained model yet")
def run_without_a_model(kit: Kit) -> Path:
    path = kit.path("run")
    path.mkdir()
    (path / "state.json").write_text('{"state": "running"}', encoding="utf-8")
    return path


@attack(RULE, "claim 4.0 GiB")
def downloaded_run(kit: Kit) -> Path:
    """A run folder may come from anywhere: its model is looked through like any other."""
    path = kit.path("downloaded")
    path.mkdir()
    (path / "state.json").write_text('{"state": "finished"}', encoding="utf-8")
    shutil.copy(shape_bomb(kit), path / "best.keras")
    return path
