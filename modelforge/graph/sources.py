"""Each source of data, and what is certain of it before it is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from modelforge.catalog.naming import MAIN
from modelforge.catalog.own.features import text_inputs
from modelforge.document import Plain
from modelforge.graph.given import Learned, Sizes
from modelforge.sniff.contents import BUNDLED, KERAS_DATASETS, Contents
from modelforge.spec import Object
from modelforge.spec.targets import (
    DEFAULTS,
    MULTI_LABEL,
    ONLY,
    TABLE,
    Asked,
    asked_targets,
    has_several,
)

if TYPE_CHECKING:
    from modelforge.sniff.npz import Header

_NO_CLASS = ("number", "array", MULTI_LABEL)  # do not change how many samples a share has


@dataclass(frozen=True, slots=True)
class ToldSource:
    """What is told of the training source.

    shapes: of the inputs by name, without the batch axis; empty where they are not known.
    dtypes: of those inputs whose dtype is known. target: empty where it is not known.
    size, counts: all of its samples, and those of each class; None where it is not known.
    several: targets by name, where they have names; then target and class_names are empty.
    """

    shapes: Mapping[str, Sizes] = field(default_factory=dict)
    dtypes: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    class_names: tuple[str, ...] = ()
    size: int | None = None
    counts: tuple[int, ...] | None = None
    several: Mapping[str, Learned] = field(default_factory=dict)


def told_source(item: Object, root: Path, *, needed: bool) -> ToldSource:
    """What is told of a source; needed: whether a target of its own is."""
    if item.name in BUNDLED:
        return _of_contents(BUNDLED[item.name])
    if item.name == "KerasDataset":
        arguments = item.arguments
        part = (str(arguments["name"]).lower(), str(arguments.get("subset", "train")).lower())
        return _of_contents(KERAS_DATASETS[part]) if part in KERAS_DATASETS else ToldSource()
    if item.name == "ImageFolder":
        return _image_folder(item, root)
    if item.name == "NPZ":
        return _npz(item, root, needed=needed)
    if item.name == "CSV":
        return _of_target(item, ToldSource(dtypes=_of_columns(item)))
    return ToldSource()


def _of_target(item: Object, told: ToldSource) -> ToldSource:
    """With what the source's arguments tell of its only target, whose columns are not read yet."""
    asked = asked_targets(item, needed=False)
    if len(asked) != 1 or has_several(item):
        return told
    if asked[0].kind == MULTI_LABEL:
        return replace(told, several={ONLY: labels_told(asked[0])})
    names = _written_classes(item)
    if asked[0].kind == "number" or not names:
        return told
    return replace(told, target=_target(names), class_names=names)


def labels_told(asked: Asked, count: int | None = None) -> Learned:
    """What is told of a multi-label target; count: of its labels, where that is known."""
    names = asked.classes if isinstance(asked.classes, tuple) else asked.together
    if not names and (isinstance(asked.classes, int) or count):
        counted = asked.classes if isinstance(asked.classes, int) else count or 0
        names = tuple(map(str, range(counted))) if counted <= 100_000 else ()
    facts = class_facts(names) if names else {"target_mean": None, "target_std": None}
    return Learned(MULTI_LABEL, (len(names),) if names else None, facts)


def _of_columns(item: Object) -> dict[str, str]:
    """Whatever columns hold, they become numbers, except those that are asked for as texts."""
    written = item.arguments.get("features")
    words = {
        column: word.name
        for column, word in (written if isinstance(written, Mapping) else {}).items()
        if isinstance(word, Object)
    }
    texts = dict.fromkeys(text_inputs(words).values(), "string")
    only = texts and len(texts) == len(words)
    return texts if only else {**texts, MAIN: "float32"}


def _of_contents(contents: Contents) -> ToldSource:
    return ToldSource(
        {MAIN: contents.shape},
        {MAIN: "float32"},
        _target(contents.class_names) or "number",
        contents.class_names,
        contents.size,
        contents.counts,
    )


def _image_folder(item: Object, root: Path) -> ToldSource:
    from modelforge.sniff.image import CHANNELS

    size = item.arguments.get("image_size")
    written = size if isinstance(size, tuple) else (size, size)
    sizes = [number for number in written if isinstance(number, int)]
    mode = str(item.arguments.get("color_mode", "rgb")).lower()
    known = len(sizes) == len(written) and mode in CHANNELS
    shapes = {MAIN: (*sizes, CHANNELS[mode])} if known else {}
    if TABLE in item.arguments:
        return _of_target(item, ToldSource(shapes, {MAIN: "float32"}))
    names = _written_classes(item) or _class_folders(item, root)
    return ToldSource(shapes, {MAIN: "float32"}, _target(names), names)


def _class_folders(item: Object, root: Path) -> tuple[str, ...]:
    from modelforge.sniff.folder import class_names

    path = _path(item, root)
    try:
        return class_names(path) if path is not None else ()
    except (OSError, ValueError):
        return ()


def _npz(item: Object, root: Path, *, needed: bool) -> ToldSource:
    from modelforge.sniff.npz import headers

    path = _path(item, root)
    # What is no regular file (a pipe) could be waited for without end.
    found = headers(path) or {} if path is not None and path.is_file() else {}
    written = item.arguments.get("inputs", "x")
    names = [str(name) for name in (written if isinstance(written, tuple) else (written,))]
    if any(name not in found or not found[name].shape for name in names):
        return ToldSource()
    inputs = {MAIN if len(names) == 1 else name: found[name] for name in names}
    shapes = {name: header.shape[1:] for name, header in inputs.items()}
    dtypes = {
        name: "string" if header.kind == "U" else "float32"
        for name, header in inputs.items()
        # The values decide which integers become int32, and which int64 or float32.
        if header.kind in "Ufb" or (header.kind, header.bytes) == ("u", 1)
    }
    size = found[names[0]].shape[0]
    return _npz_target(item, ToldSource(shapes, dtypes, size=size), found, needed=needed)


def _npz_target(
    item: Object, told: ToldSource, found: Mapping[str, Header], *, needed: bool
) -> ToldSource:
    if has_several(item):
        several = {it.name: _of_array(it, found.get(it.column)) for it in asked_targets(item)}
        counts = () if all(it.kind in _NO_CLASS for it in several.values()) else None
        return replace(told, counts=counts, several=several)
    asked = next(iter(asked_targets(item, needed=needed)), None)
    target = found.get(asked.column if asked is not None else DEFAULTS["NPZ"])
    kind = asked.kind if asked is not None else "auto"
    if asked is not None and kind == MULTI_LABEL:
        return replace(told, counts=(), several={ONLY: _of_array(asked, target)})
    if target is None or not target.shape:
        return ToldSource() if needed else told
    single = len(target.shape) == 1 or target.shape[1:] == (1,)
    if single and kind == "number":
        return replace(told, target="number", counts=())
    if single and "classes" in item.arguments:
        class_names = _written_classes(item)
        return replace(told, target=_target(class_names), class_names=class_names)
    if single and (target.kind in "iub" or kind == "classes"):
        return told
    if single:
        return replace(told, target="number", counts=())
    array = Learned("array", target.shape[1:])
    return replace(told, counts=(), several={ONLY: array})


def _of_array(asked: Asked, header: Header | None) -> Learned:
    if header is None or not header.shape:
        return named_target(asked, None)
    return named_target(asked, header.shape[1:], numbers=header.kind == "f")


def named_target(asked: Asked, shape: Sizes | None, *, numbers: bool = False) -> Learned:
    """What is told of one of several targets; numbers: whether its values are sure to be some."""
    if asked.kind == MULTI_LABEL:
        return labels_told(asked, shape[0] if shape is not None and len(shape) == 1 else None)
    if shape is not None and shape not in ((), (1,)):
        return Learned("array", shape)
    if asked.kind == "classes":
        names = asked.classes if isinstance(asked.classes, tuple) else ()
        return Learned(_target(names), None, class_facts(names) if names else {})
    known = shape is not None and (asked.kind == "number" or numbers)
    return Learned("number", (1,)) if known else Learned()


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


def class_facts(names: Sequence[str]) -> dict[str, Plain]:
    """What is told of a target that has these classes."""
    return {
        "classes": len(names),
        "class_names": list(names),
        "target_mean": None,
        "target_std": None,
    }
