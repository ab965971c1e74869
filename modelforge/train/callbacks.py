"""The spec's callbacks as Keras objects, with the files that they write inside the run folder."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from modelforge.build.objects import make
from modelforge.findings import Findings
from modelforge.spec import Object

# The argument that says where a callback writes.
PLACES = {
    "ModelCheckpoint": "filepath",
    "CSVLogger": "filename",
    "BackupAndRestore": "backup_dir",
    "TensorBoard": "log_dir",
    "OrbaxCheckpoint": "directory",
}

Made = tuple[Object, keras.callbacks.Callback]


def make_callbacks(items: Iterable[Object], folder: Path, before: int = 0) -> list[Made]:
    """Each callback of the spec, beside what the spec says.

    folder: the run's. before: the epochs of the run before those that it watches, which are
    counted over the whole run: what a callback counts from its own first epoch begins after them.
    """
    made = [(item, make(placed(item, folder))) for item in items]
    for _, callback in made:
        if isinstance(callback, keras.callbacks.EarlyStopping):
            callback.start_from_epoch += before
    return made


def placed(item: Object, folder: Path) -> Object:
    """The callback with its relative path taken as one inside the run folder."""
    if item.name not in PLACES:
        return item
    argument = PLACES[item.name]
    path = folder / str(item.arguments.get(argument, "logs"))  # only TensorBoard may leave it out
    if item.name == "ModelCheckpoint":  # Keras fills in `{epoch}`, also in the folder's own name
        plain = str(folder).replace("{", "{{").replace("}", "}}")
        path = Path(plain) / str(item.arguments[argument])
    arguments = {**item.arguments, argument: str(path)}
    if item.name == "CSVLogger" and path.exists():
        arguments["append"] = True  # a resumed run keeps the rows that it has
    return replace(item, arguments=arguments)


def check_packages(items: Iterable[Object], findings: Findings) -> None:
    """Adds callbacks that need a package which is not installed."""
    for item in items:
        if item.name == "TensorBoard" and importlib.util.find_spec("tensorboard") is None:
            findings.error(
                "missing-package",
                "the callback `TensorBoard` needs the package tensorboard, which is not installed",
                item.span,
                notes=[
                    "every run writes its values as TensorBoard events anyway, into `events/`: "
                    "remove the callback, or run `pip install tensorboard` for its histograms",
                ],
            )


def restored_epoch(callbacks: Iterable[Any]) -> int | None:
    """The epoch (from 1) whose weights EarlyStopping put back at the end; None if it did not."""
    for callback in callbacks:
        stopping = isinstance(callback, keras.callbacks.EarlyStopping)
        if stopping and callback.restore_best_weights and callback.best_weights is not None:
            return int(callback.best_epoch) + 1
    return None
