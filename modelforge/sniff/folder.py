"""The class folders of a folder of images."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from modelforge.sniff.image import SUFFIXES


@dataclass(frozen=True, slots=True)
class ClassFolder:
    """One class: its name and its images, as paths relative to the folder of all classes.

    others: how many files were passed over because their names are none of an image.
    """

    name: str
    images: tuple[str, ...]
    others: int


def class_folders(folder: Path) -> list[ClassFolder]:
    """The classes in alphabetical order, whatever order the file system has."""
    return [_class_folder(folder, name) for name in class_names(folder)]


def class_names(folder: Path) -> tuple[str, ...]:
    """The names of the class folders, in the same order, without a look into them."""
    with os.scandir(folder) as entries:
        return tuple(
            sorted(
                entry.name
                for entry in entries
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
            )
        )


def loose_images(folder: Path) -> list[str]:
    """Images that lie beside the class folders, where they have no class."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.is_file() and _is_image(entry.name))


def _class_folder(folder: Path, name: str) -> ClassFolder:
    images, others = [], 0
    for parent, folders, files in os.walk(folder / name):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for file in sorted(files):
            path = os.path.join(parent, file)
            if file.startswith("."):
                continue
            if not _is_image(file) or os.path.islink(path) or not os.path.isfile(path):
                others += 1
                continue
            images.append(os.path.relpath(path, folder).replace(os.sep, "/"))
    return ClassFolder(name, tuple(images), others)


def _is_image(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)
