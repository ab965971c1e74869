"""Checkpoints on the disk: one file each, there whole or not at all, known to be undamaged.

A file is a NumPy archive (`.npz`) whose comment holds the SHA-256 of all before it. It is written
under another name, flushed, renamed, and its folder flushed; the one before it is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from modelforge.findings import refuse
from modelforge.runs.files import write_whole
from modelforge.train.checkpoints.plain import read_plain, write_plain
from modelforge.train.checkpoints.snapshot import Snapshot
from modelforge.train.checkpoints.variables import storable
from modelforge.train.position import Position

VERSION = 2
KEPT = 2  # the newest, and one before it in case the newest turns out to be damaged
DAMAGED = ".damaged"  # what a damaged one is called once it was told and passed over
_MARK = b"sha256 "
_COMMENT = len(_MARK) + 64
_TAIL = 2 + _COMMENT  # a zip file ends with the length of its comment, and the comment
_CHUNK = 1 << 20


class Damaged(Exception):
    """A file that is not what was written."""


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of a run. kept: how many of them are."""

    folder: Path
    kept: int = KEPT

    def save(self, snapshot: Snapshot) -> Path:
        """Writes one, and removes those that are no longer needed."""
        path = self.folder / f"{_name(snapshot.position)}.npz"
        write_snapshot(path, snapshot)
        for old in self.paths()[: -self.kept]:
            old.unlink(missing_ok=True)
        return path

    def newest(self, say: Callable[[str], None], before: Position | None = None) -> Snapshot | None:
        """The newest undamaged one (before a position); None where there are none at all.

        Damaged ones that are newer are told and put aside; refused where no other is left.
        """
        damaged: list[Path] = []
        paths = [path for path in self.paths() if before is None or path.stem < _name(before)]
        for path in reversed(paths):
            try:
                found = read_snapshot(path)
            except Damaged as problem:
                say(f"the checkpoint {path} is damaged ({problem}); trying the one before")
                damaged.append(path)
                continue
            for bad in damaged:  # it would be taken for the newest when old ones are removed
                with contextlib.suppress(FileNotFoundError):  # another worker was quicker
                    bad.replace(bad.with_suffix(DAMAGED))
            return found
        if damaged:
            raise refuse(
                "checkpoint-damaged",
                f"no checkpoint in `{self.folder}` can be read",
                notes=[
                    "the files are damaged, and nothing was changed",
                    "restore them from a backup, or train the spec anew in a run of its own",
                ],
            )
        return None

    def remove_after(self, position: Position) -> None:
        """Removes those that lie after a position, to which the run went back."""
        for path in self.paths():
            if path.stem > _name(position):
                path.unlink(missing_ok=True)

    def paths(self) -> list[Path]:
        """The files, oldest position first: clocks may jump, positions do not."""
        return sorted(self.folder.glob("[0-9]*-[0-9]*.npz"))


def _name(position: Position) -> str:
    return f"{position.epoch:06d}-{position.step:08d}"


def write_snapshot(path: Path, snapshot: Snapshot) -> None:
    """Writes a snapshot so that it is there whole or not at all, even if the machine goes down."""
    write_whole(path, partial(_write, snapshot=snapshot), durable=True)


def _write(path: Path, snapshot: Snapshot) -> None:
    arrays: list[np.ndarray] = []
    about = {
        "version": VERSION,
        "epoch": snapshot.position.epoch,
        "step": snapshot.position.step,
        "sample": snapshot.sample,
        "variables": list(snapshot.variables),
        "state": write_plain(dict(snapshot.state), arrays),
        "fingerprint": snapshot.fingerprint,
    }
    stored: dict[str, Any] = {
        f"v{i}": storable(array) for i, array in enumerate(snapshot.variables.values())
    }
    stored |= {f"s{i}": array for i, array in enumerate(arrays)}
    text = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    with path.open("wb") as file:
        np.savez(file, about=text, **stored)
    with path.open("r+b") as file:
        digest = _digest(file, path.stat().st_size - 2)  # without the length of the comment
        file.seek(-2, 2)
        file.write(_tail(digest))


def _tail(digest: str) -> bytes:
    return struct.pack("<H", _COMMENT) + _MARK + digest.encode()


def _digest(file: Any, size: int) -> str:
    file.seek(0)
    found = hashlib.sha256()
    while size > 0:
        part = file.read(min(size, _CHUNK))
        if not part:
            break
        found.update(part)
        size -= len(part)
    return found.hexdigest()


def read_snapshot(path: Path) -> Snapshot:
    """Reads a snapshot; raises Damaged where the file is not what was written, or is not there."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            digest = _digest(file, size - _TAIL)
            file.seek(max(0, size - _TAIL))
            if file.read() != _tail(digest):
                raise Damaged("its checksum does not fit")
        with np.load(path, allow_pickle=False) as archive:
            content = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise Damaged(str(error)) from None
    about = json.loads(content["about"].tobytes())
    if about["version"] != VERSION:
        raise refuse(
            "checkpoint-version",
            f"the checkpoint `{path}` has format {about['version']}, and this release of "
            f"ModelForge reads format {VERSION}",
            notes=["resume with the release that wrote it: `environment.json` says which"],
        )
    arrays = [content[f"s{i}"] for i in range(len(content) - 1 - len(about["variables"]))]
    return Snapshot(
        Position(about["epoch"], about["step"]),
        about["sample"],
        {name: content[f"v{i}"] for i, name in enumerate(about["variables"])},
        read_plain(about["state"], arrays),
        about["fingerprint"],
        str(path),
    )
