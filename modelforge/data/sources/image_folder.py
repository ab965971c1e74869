"""ImageFolder: images in one folder for each class."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from modelforge.catalog.naming import MAIN
from modelforge.data.bundle import Tensor
from modelforge.data.decoding import check_files, decode_files
from modelforge.data.feeds import ArrayFeed, FileFeed
from modelforge.data.images import ImageReading, Known, decode
from modelforge.data.place import Request
from modelforge.data.samples import Feed, Samples
from modelforge.data.sources.image_classes import Listing, list_images
from modelforge.data.sources.image_table import list_from_table
from modelforge.findings import listed
from modelforge.sniff.image import Header, Unreadable, read_header
from modelforge.spec.targets import TABLE

BUDGET = 2**30  # bytes of decoded images that `cache: auto` keeps in memory
_SHOWN = 5


@dataclass
class _Files:
    """The images that are left after unreadable ones were found, with their labels."""

    listing: Listing
    headers: list[Header | None]
    failures: dict[int, str]


def read_image_folder(request: Request, like: Samples | None = None) -> Samples | None:
    """The samples of a folder of images."""
    folder = request.path(folder=True)
    read = list_images if request.get(TABLE) is None else list_from_table
    listing = read(folder, request, like) if folder else None
    if folder is None or listing is None:
        return None
    files = _read_headers(folder, listing)
    reading = _reading(request, files, like)
    if reading is None:
        _report(request, files)
        return None
    paths = [str(folder / image) for image in listing.images]
    known = _known(files, reading)
    images = None
    if _fits_in_memory(request, len(paths), reading):
        images, broken = decode_files(paths, reading, files.failures, known)
    else:
        broken = check_files(paths, reading, files.failures, known)
    for number, why in broken:
        files.failures.setdefault(number, why)
    if not _report(request, files):
        return None
    return _samples(files, paths, (reading, known), images)


def _read_headers(folder: Path, listing: Listing) -> _Files:
    headers: list[Header | None] = []
    failures = {}
    for number, image in enumerate(listing.images):
        try:
            headers.append(read_header(folder / image))
        except Unreadable as error:
            headers.append(None)
            failures[number] = str(error)
    return _Files(listing, headers, failures)


def _reading(request: Request, files: _Files, like: Samples | None) -> ImageReading | None:
    """How the images are read; validation and test are read as training is."""
    if like is not None and like.reading.get("kind") == "images":
        return ImageReading.from_plain(like.reading)
    size = request.get("image_size")
    if isinstance(size, int):
        size = (size, size)
    if size is None:
        size = _common_size(request, files)
    if size is None:
        return None
    return ImageReading(
        int(size[0]),
        int(size[1]),
        request.get("color_mode", "rgb").lower(),
        request.get("resize", "stretch").lower(),
        request.get("interpolation", "bilinear").lower(),
    )


def _known(files: _Files, reading: ImageReading) -> Known:
    headers = [header for header in files.headers if header]
    size = (reading.height, reading.width)
    return Known(
        plain=all(header.format in ("jpeg", "png") for header in headers),
        exact=all((header.height, header.width) == size for header in headers),
    )


def _common_size(request: Request, files: _Files) -> tuple[int, int] | None:
    sizes = Counter((header.height, header.width) for header in files.headers if header)
    if len(sizes) == 1:
        return next(iter(sizes))
    if sizes:
        height = int(np.median([size[0] for size in sizes.elements()]))
        width = int(np.median([size[1] for size in sizes.elements()]))
        request.error(
            "image-size-needed",
            f"the images have {len(sizes)} different sizes, so `image_size` must be given",
            notes=(f"one that suits them: `image_size: [{height}, {width}]` (the median)",),
        )
    return None


def _fits_in_memory(request: Request, count: int, reading: ImageReading) -> bool:
    if request.cache == "memory":
        return True
    height, width, channels = reading.shape
    return request.cache != "none" and count * height * width * channels <= BUDGET


def _report(request: Request, files: _Files) -> bool:
    """Reports unreadable images; False where they stop the reading."""
    failures = files.failures
    if not failures:
        return True
    count = len(failures)
    images = f"{count} images" if count > 1 else "1 image"
    names = [
        f"{shown(files.listing.images[n])} {why}" for n, why in sorted(failures.items())[:_SHOWN]
    ]
    more = (f"... and {count - _SHOWN} more",) if count > _SHOWN else ()
    if request.get("on_unreadable", "error").lower() == "error":
        request.error(
            "unreadable-image",
            f"{images} of {len(files.listing.images)} cannot be read",
            notes=(*names, *more, "write `on_unreadable: skip` to leave such files out"),
        )
        return False
    if count == len(files.listing.images):
        request.error("no-images", "none of the images can be read", notes=(*names, *more))
        return False
    lost = _lost_classes(files)
    if lost:
        request.error(
            "empty-class", f"no image of class {listed(lost)} can be read", notes=(*names, *more)
        )
        return False
    request.warning(
        "skipped-images", f"{images} of {len(files.listing.images)} left out", notes=(*names, *more)
    )
    return True


def _lost_classes(files: _Files) -> list[str]:
    strata = files.listing.strata
    if strata is None or strata.values is None:
        return []
    kept = [n for n in range(len(files.listing.images)) if n not in files.failures]
    there, left = np.unique(strata.values), np.unique(strata.values[kept])
    return [strata.class_names[label] for label in np.setdiff1d(there, left)]


def _samples(
    files: _Files,
    paths: Sequence[str],
    how: tuple[ImageReading, Known],
    images: np.ndarray | None,
) -> Samples:
    listing, reading = files.listing, how[0]
    kept = [number for number in range(len(paths)) if number not in files.failures]
    read = [paths[number] for number in kept]
    feed: Feed
    if images is not None:
        feed = ArrayFeed({MAIN: images[kept] if files.failures else images}, read)
    else:
        feed = FileFeed(MAIN, read, lambda content: decode(content, *how), reading.shape)
    targets = {
        name: replace(it, values=it.values[kept] if it.values is not None else None)
        for name, it in listing.targets.items()
    }
    return Samples(
        size=len(kept),
        feed=feed,
        targets=targets,
        tensors={MAIN: Tensor(reading.shape, "float32")},
        reading=reading.as_plain(),
        fingerprint=_fingerprint(paths, listing),
        origin=_origin(files),
        recheck=tuple if images is not None else partial(_recheck, paths, kept, reading),
    )


def _recheck(paths: Sequence[str], kept: Sequence[int], reading: ImageReading) -> list[str]:
    """The files that were fine when the data was opened and cannot be read any more, and why."""
    failures = {}
    for number in kept:
        try:
            read_header(Path(paths[number]))
        except Unreadable as error:
            failures[number] = str(error)
    others = set(range(len(paths))) - set(kept)
    for number, why in check_files(paths, reading, others | failures.keys()):
        failures[number] = why
    return [f"{shown(paths[number])} {why}" for number, why in sorted(failures.items())]


def _origin(files: _Files) -> dict[str, Any]:
    strata = files.listing.strata
    counts = Counter(strata.values.tolist() if strata and strata.values is not None else ())
    names = strata.class_names if strata else ()
    return {
        "images_by_class": {name: counts[i] for i, name in enumerate(names)},
        "skipped": [shown(files.listing.images[number]) for number in sorted(files.failures)],
        "fingerprint_of": "names and sizes of the files",
    }


def shown(name: str) -> str:
    """A file's name as text that can be printed, even where it is not UTF-8."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _fingerprint(paths: Sequence[str], listing: Listing) -> str:
    """A digest of names and sizes; reading every byte twice would double the time to start."""
    digest = hashlib.sha256(listing.fingerprint.encode())
    for path, name in zip(paths, listing.images, strict=True):
        try:
            size = Path(path).stat().st_size
        except OSError:  # it is among the images that are left out
            size = -1
        digest.update(f"{name}\0{size}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()
