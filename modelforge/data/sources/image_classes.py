"""The classes of an ImageFolder and their files, with what can be wrong about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from modelforge.data.place import Request, refuse_twice
from modelforge.data.samples import Samples, Target, class_target
from modelforge.findings import did_you_mean, listed
from modelforge.sniff.folder import ClassFolder, class_folders, loose_images
from modelforge.spec.targets import ONLY

_PARTS = {"train", "training", "validation", "valid", "val", "test"}


@dataclass(frozen=True)
class Listing:
    """The images of a folder, as paths in it, and what outputs learn of them.

    fingerprint: of what else than the images tells it.
    """

    images: tuple[str, ...]
    targets: Mapping[str, Target]
    fingerprint: str = ""

    @property
    def strata(self) -> Target | None:
        """The first target by which an image is of one class."""
        return next((it for it in self.targets.values() if it.names_one_class), None)


def list_images(folder: Path, request: Request, like: Samples | None) -> Listing | None:
    """The images of the classes that are asked for; None after a finding."""
    before = len(request.findings.errors)
    found = {item.name: item for item in class_folders(folder)}
    if not found:
        _no_classes(folder, request)
        return None
    wanted = _wanted(found, request, like)
    chosen = [found[name] for name in wanted if name in found]
    _check_classes(folder, chosen, request, alone=like is None)
    if len(request.findings.errors) > before:
        return None
    numbers = {name: label for label, name in enumerate(wanted)}
    labels = np.array([numbers[it.name] for it in chosen for _ in it.images], dtype=np.int32)
    names = tuple(wanted)
    return Listing(
        tuple(image for item in chosen for image in item.images),
        {ONLY: Target(labels, class_target(names), names)},
    )


def _no_classes(folder: Path, request: Request) -> None:
    loose = loose_images(folder)
    if loose:
        request.error(
            "no-class-folders",
            f"the {len(loose)} images of this folder lie in no class folder",
            notes=(
                "expected one folder for each class, such as cat/1.jpg and dog/2.jpg",
                "or a CSV that says what each image shows: `table: labels.csv`",
            ),
        )
    else:
        request.error(
            "no-images",
            "this folder holds no images",
            notes=("expected one folder for each class, with JPEG, PNG, WebP, GIF or BMP images",),
        )


def _wanted(found: dict[str, ClassFolder], request: Request, like: Samples | None) -> list[str]:
    """The classes in the order of their labels."""
    written = request.get("classes")
    if written is not None:
        refuse_twice(request)
        for name in map(str, written):
            if name not in found:
                request.error(
                    "unknown-class",
                    f"there is no folder for class `{name}`",
                    "classes",
                    hint=did_you_mean(name, found),
                    notes=(f"folders there: {listed(found)}",),
                )
    if like is not None:
        strata = like.strata
        names = strata.class_names if strata is not None and strata.names_one_class else ()
        extra = [name for name in found if name not in names]
        if extra and written is None:
            request.error(
                "unknown-class",
                f"class {listed(extra)} is not among the classes of training",
                hint=did_you_mean(extra[0], names),
                notes=(f"classes of training: {listed(names)}",),
            )
        return list(names)
    return [str(name) for name in written] if written is not None else sorted(found)


def _check_classes(
    folder: Path, chosen: Sequence[ClassFolder], request: Request, *, alone: bool
) -> None:
    names = [item.name for item in chosen]
    if {name.lower() for name in names} <= _PARTS and names:
        request.error(
            "parts-not-classes",
            f"the folders of `{folder.name}` are the parts {listed(names)}, not classes",
            notes=tuple(
                f"{part}: ImageFolder with path {request.get('path')}/{part}" for part in names
            ),
        )
        return
    empty = [item.name for item in chosen if not item.images]
    if len(empty) == len(chosen):
        request.error("no-images", f"none of the {len(chosen)} class folders holds an image")
        return
    for name in empty:
        request.error(
            "empty-class",
            f"the folder of class `{name}` holds no image",
            notes=("remove the folder, or list the others under `classes`",),
        )
    if alone and len(chosen) == 1 and not empty:
        request.error(
            "single-class",
            f"there is only one class, `{names[0]}`",
            notes=("a classifier needs two classes or more; is `path` one folder too deep?",),
        )
    _not_text(names, request)
    _same_by_case(names, request)


def _not_text(names: Sequence[str], request: Request) -> None:
    """Names of classes are written into JSON, pages and exports, which hold UTF-8 only."""
    for name in names:
        shown = name.encode("utf-8", "backslashreplace").decode("utf-8")
        if shown != name:
            request.error(
                "class-name-not-utf-8",
                f"the name of the class folder `{shown}` is not UTF-8 text",
                notes=("rename the folder; the names of the images in it do not matter",),
            )


def _same_by_case(names: Sequence[str], request: Request) -> None:
    folded: dict[str, str] = {}
    for name in names:
        first = folded.setdefault(name.casefold(), name)
        if first != name:
            request.error(
                "classes-differ-by-case",
                f"the class folders `{first}` and `{name}` differ only by upper and lower case",
                notes=("they would be two classes; put their images into one folder",),
            )
