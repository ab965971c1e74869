"""The images of an ImageFolder that a table names, with what it says of each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from modelforge.data.place import Request
from modelforge.data.samples import Samples
from modelforge.data.sources.csv_table import columns_exist, open_table
from modelforge.data.sources.csv_target import read_target
from modelforge.data.sources.image_classes import Listing
from modelforge.data.sources.targets import read_targets
from modelforge.sniff.image import SUFFIXES
from modelforge.sniff.table import MISSING, Table
from modelforge.spec.targets import TABLE

_COLUMN = "image_column"


def list_from_table(folder: Path, request: Request, like: Samples | None) -> Listing | None:
    """The images in the order of the rows, and their targets; None after a finding.

    What is no image, or is not there, is found when the images are read.
    """
    path = request.path(folder=False, argument=TABLE)
    table = open_table(path, request, TABLE) if path else None
    if path is None or table is None:
        return None
    column = str(request.get(_COLUMN, next(iter(table.columns))))
    if not columns_exist(table, [(request.span(_COLUMN), column)], request):
        return None
    before = len(request.findings.errors)
    images = _images(folder, column, table, request)
    _refuse_names_as_target(column, request)
    if len(request.findings.errors) > before:
        return None
    targets = read_targets(
        request, like, lambda it, one: read_target(table, frozenset(MISSING), it, one)
    )
    if targets is None:
        return None
    return Listing(images, targets, hashlib.sha256(path.read_bytes()).hexdigest())


def _images(folder: Path, column: str, table: Table, request: Request) -> tuple[str, ...]:
    """The files, each of which one row names; the ending of a name may be left out."""
    rows: dict[str, int] = {}
    argument = _COLUMN if request.get(_COLUMN) is not None else TABLE
    for row, name in enumerate(table.columns[column]):
        line = table.lines[row]
        if not name:
            request.error("missing-image", f"line {line} of the table names no image", argument)
            break
        image = _with_ending(folder, name)
        if image in rows:
            request.error(
                "duplicate-image",
                f"lines {table.lines[rows[image]]} and {line} of the table both name `{name[:60]}`",
                argument,
                notes=(
                    "an image has one row; several labels of it stand in one cell, "
                    "such as `beach;sunset`",
                ),
            )
            break
        rows[image] = row
    _refuse_wrong_folder(folder, list(rows), column, request)
    return tuple(rows)


def _with_ending(folder: Path, name: str) -> str:
    name = name.replace("\\", "/")
    if name.lower().endswith(SUFFIXES):
        return name
    endings = (*SUFFIXES, *(suffix.upper() for suffix in SUFFIXES))
    return next((name + it for it in endings if (folder / (name + it)).is_file()), name)


def _refuse_wrong_folder(
    folder: Path, images: Sequence[str], column: str, request: Request
) -> None:
    """An error where none of the images is there: the folder or the column is wrong."""
    if not images or any((folder / image).is_file() for image in images):
        return
    request.error(
        "no-images",
        f"none of the {len(images)} images that the column `{column}` names is in this folder",
        notes=(
            f"the first: {images[0][:80]}",
            "names start from `path`; `image_column` says which column holds them",
        ),
    )


def _refuse_names_as_target(column: str, request: Request) -> None:
    for target in request.targets:
        if column in target.columns:
            request.findings.error(
                "target-is-a-feature",
                f"column `{column}` names the images and cannot be the target",
                target.span,
                notes=("`image_column` says which column names them; by default the first",),
            )
