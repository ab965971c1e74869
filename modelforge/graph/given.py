"""What a source is certain to give, told before it is opened: shapes, and facts for `data.*`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any, TypeAlias

from modelforge.document import Plain
from modelforge.graph.graph import MAIN
from modelforge.sniff.contents import BUNDLED, KERAS_DATASETS, Contents
from modelforge.sniff.shares import left_for_training
from modelforge.spec import DataSection, Object

Sizes: TypeAlias = "tuple[int | None, ...]"


@dataclass(frozen=True, slots=True)
class Source:
    """What is told of the training source.

    shapes: of the inputs by name, without the batch axis; empty where they are not known.
    dtypes: of those inputs whose dtype is known. target: empty where it is not known.
    size, counts: all of its samples, and those of each class; None where it is not known.
    """

    shapes: Mapping[str, Sizes] = field(default_factory=dict)
    dtypes: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    class_names: tuple[str, ...] = ()
    size: int | None = None
    counts: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What is told of the data; all of it is what `open_data` finds, if it finds no error.

    facts: values of `data.*`; None stands for a fact that this data does not have. What is not
    among them is known once the data is opened.
    """

    shapes: Mapping[str, Sizes] = field(default_factory=dict)
    dtypes: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def look(data: DataSection | None, root: Path) -> Given:
    """What can be told of the data without opening it; root: where relative paths start."""
    if data is None:
        return Given()
    source = _source(data.train, root)
    return Given(source.shapes, source.dtypes, source.target, _facts(data, source))


def _source(item: Object, root: Path) -> Source:
    if item.name in BUNDLED:
        return _of_contents(BUNDLED[item.name])
    if item.name == "KerasDataset":
        arguments = item.arguments
        part = (str(arguments["name"]).lower(), str(arguments.get("subset", "train")).lower())
        return _of_contents(KERAS_DATASETS[part]) if part in KERAS_DATASETS else Source()
    if item.name == "ImageFolder":
        return _image_folder(item, root)
    if item.name == "NPZ":
        return _npz(item, root)
    if item.name == "CSV" and item.arguments.get("target_kind", "auto") != "number":
        names = _written_classes(item)
        return Source(target=_target(names), class_names=names)
    return Source()


def _of_contents(contents: Contents) -> Source:
    return Source(
        {MAIN: contents.shape},
        {MAIN: "float32"},
        _target(contents.class_names) or "number",
        contents.class_names,
        contents.size,
        contents.counts,
    )


def _image_folder(item: Object, root: Path) -> Source:
    from modelforge.sniff.image import CHANNELS

    names = _written_classes(item) or _class_folders(item, root)
    size = item.arguments.get("image_size")
    written = size if isinstance(size, tuple) else (size, size)
    sizes = [number for number in written if isinstance(number, int)]
    mode = str(item.arguments.get("color_mode", "rgb")).lower()
    known = len(sizes) == len(written) and mode in CHANNELS
    shapes = {MAIN: (*sizes, CHANNELS[mode])} if known else {}
    return Source(shapes, {MAIN: "float32"}, _target(names), names)


def _class_folders(item: Object, root: Path) -> tuple[str, ...]:
    from modelforge.sniff.folder import class_names

    path = _path(item, root)
    try:
        return class_names(path) if path is not None else ()
    except (OSError, ValueError):
        return ()


def _npz(item: Object, root: Path) -> Source:
    from modelforge.sniff.npz import headers

    path = _path(item, root)
    # What is no regular file (a pipe) could be waited for without end.
    found = headers(path) or {} if path is not None and path.is_file() else {}
    written = item.arguments.get("inputs", "x")
    names = [str(name) for name in (written if isinstance(written, tuple) else (written,))]
    target = found.get(str(item.arguments.get("target", "y")))
    if target is None or not target.shape or any(name not in found for name in names):
        return Source()
    if not all(found[name].shape for name in names):
        return Source()
    inputs = {MAIN if len(names) == 1 else name: found[name] for name in names}
    shapes = {name: header.shape[1:] for name, header in inputs.items()}
    dtypes = {
        name: "string" if header.kind == "U" else "float32"
        for name, header in inputs.items()
        # The values decide which integers become int32, and which int64 or float32.
        if header.kind in "Ufb" or (header.kind, header.bytes) == ("u", 1)
    }
    classes = len(target.shape) == 1 or target.shape[1:] == (1,)
    if classes and "classes" in item.arguments:
        class_names = _written_classes(item)
        return Source(shapes, dtypes, _target(class_names), class_names, target.shape[0])
    if classes and target.kind in "iub":
        return Source(shapes, dtypes, size=target.shape[0])
    return Source(shapes, dtypes, "number", (), target.shape[0], ())


def _path(item: Object, root: Path) -> Path | None:
    try:
        return root / Path(str(item.arguments.get("path", ""))).expanduser()
    except RuntimeError:  # `~` of nobody
        return None


def _written_classes(item: Object) -> tuple[str, ...]:
    written = item.arguments.get("classes")
    if isinstance(written, int) and not isinstance(written, bool):
        return tuple(str(number) for number in range(written)) if written <= 100_000 else ()
    return tuple(str(name) for name in written) if isinstance(written, tuple) else ()


def _target(class_names: Sequence[str]) -> str:
    return ("binary" if len(class_names) == 2 else "classes") if class_names else ""


def _facts(data: DataSection, source: Source) -> dict[str, Plain]:
    facts: dict[str, Plain] = {"vocabulary_size": None}
    if source.shapes:
        first = next(iter(source.shapes.values()))
        facts["shape"] = list(first)
        facts["features"] = first[0] if len(first) == 1 else None
    if source.target == "number":
        facts.update(dict.fromkeys(("classes", "class_names", "class_counts")))
    elif source.target:
        facts["classes"], facts["class_names"] = len(source.class_names), list(source.class_names)
        facts.update(dict.fromkeys(("target_mean", "target_std")))
    facts.update(_sizes(data, source))
    return facts


def _sizes(data: DataSection, source: Source) -> dict[str, Plain]:
    """The size of the training share and what follows from it."""
    shares = {
        name: share
        for name in ("validation", "test")
        if isinstance(share := getattr(data, name), float)
    }
    if source.size is None or (source.counts is None and shares) or sum(shares.values()) >= 1:
        return {}
    left, counts = left_for_training(source.size, source.counts or (), shares)
    batch = left if data.batch_size == "all" else int(data.batch_size)
    facts: dict[str, Plain] = {"size": left, "steps_per_epoch": ceil(left / max(1, batch))}
    return facts | ({"class_counts": list(counts)} if counts else {})
