"""What a source is certain to give, told before it is opened: shapes, and facts for `data.*`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from modelforge.document import Plain
from modelforge.graph.graph import MAIN
from modelforge.resolve.facts import TARGETS
from modelforge.sniff.contents import BUNDLED, KERAS_DATASETS, Contents
from modelforge.sniff.shares import left_for_training
from modelforge.spec import DataSection, Object
from modelforge.spec.targets import (
    DEFAULTS,
    INPUTS,
    ONLY,
    Asked,
    asked_targets,
    has_several,
    inputs_learned,
)

if TYPE_CHECKING:
    from modelforge.sniff.npz import Header

Sizes: TypeAlias = "tuple[int | None, ...]"


@dataclass(frozen=True, slots=True)
class Learned:
    """What an output learns.

    kind: classes (integer labels, three classes or more), binary (integer labels 0 and 1), number
    (one a sample), array (of numbers, `shape` each, which may be an input), none; empty where it
    is not known. facts: of `data.*`, those that are about this target; below: where they stand.
    """

    kind: str = ""
    shape: Sizes | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    below: str = "data"


@dataclass(frozen=True, slots=True)
class Source:
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


@dataclass(frozen=True, slots=True)
class Given:
    """What is told of the data; all of it is what `open_data` finds, if it finds no error.

    facts: values of `data.*`; None stands for a fact that this data does not have. What is not
    among them is known once the data is opened. targets: by the name of the output that learns
    them; ONLY is learned by every other output.
    """

    shapes: Mapping[str, Sizes] = field(default_factory=dict)
    dtypes: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, Learned] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """What the target is that has no name; empty where it is not known, or there is none."""
        return self.of(ONLY).kind

    def of(self, output: str) -> Learned:
        """What an output learns."""
        if output != ONLY and output in self.targets:
            return replace(self.targets[output], below=f"data.{TARGETS}.{output}")
        return self.targets.get(ONLY) or Learned("none" if self.targets else "")


def look(data: DataSection | None, root: Path) -> Given:
    """What can be told of the data without opening it; root: where relative paths start."""
    if data is None:
        return Given()
    source = _source(data.train, root, needed=data.target != INPUTS)
    if has_several(data.train) and not source.several:
        # A column holds one value a row; of an array that cannot be read, not even that is known.
        shape = () if data.train.name == "CSV" else None
        several = {it.name: _named(it, shape) for it in asked_targets(data.train)}
        source = replace(source, several=several)
    targets = _targets(data, source)
    return Given(source.shapes, source.dtypes, targets, _facts(data, source, targets))


def _source(item: Object, root: Path, *, needed: bool) -> Source:
    if item.name in BUNDLED:
        return _of_contents(BUNDLED[item.name])
    if item.name == "KerasDataset":
        arguments = item.arguments
        part = (str(arguments["name"]).lower(), str(arguments.get("subset", "train")).lower())
        return _of_contents(KERAS_DATASETS[part]) if part in KERAS_DATASETS else Source()
    if item.name == "ImageFolder":
        return _image_folder(item, root)
    if item.name == "NPZ":
        return _npz(item, root, needed=needed)
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


def _npz(item: Object, root: Path, *, needed: bool) -> Source:
    from modelforge.sniff.npz import headers

    path = _path(item, root)
    # What is no regular file (a pipe) could be waited for without end.
    found = headers(path) or {} if path is not None and path.is_file() else {}
    written = item.arguments.get("inputs", "x")
    names = [str(name) for name in (written if isinstance(written, tuple) else (written,))]
    if any(name not in found or not found[name].shape for name in names):
        return Source()
    inputs = {MAIN if len(names) == 1 else name: found[name] for name in names}
    shapes = {name: header.shape[1:] for name, header in inputs.items()}
    dtypes = {
        name: "string" if header.kind == "U" else "float32"
        for name, header in inputs.items()
        # The values decide which integers become int32, and which int64 or float32.
        if header.kind in "Ufb" or (header.kind, header.bytes) == ("u", 1)
    }
    size = found[names[0]].shape[0]
    if has_several(item):
        several = {it.name: _of_array(it, found.get(it.column)) for it in asked_targets(item)}
        counts = () if all(it.kind in ("number", "array") for it in several.values()) else None
        return Source(shapes, dtypes, size=size, counts=counts, several=several)
    target = found.get(str(item.arguments.get("target", DEFAULTS["NPZ"])))
    if target is None or not target.shape:
        return Source() if needed else Source(shapes, dtypes, size=size)
    single = len(target.shape) == 1 or target.shape[1:] == (1,)
    if single and "classes" in item.arguments:
        class_names = _written_classes(item)
        return Source(shapes, dtypes, _target(class_names), class_names, size)
    if single and target.kind in "iub":
        return Source(shapes, dtypes, size=size)
    if single:
        return Source(shapes, dtypes, "number", (), size, ())
    array = Learned("array", target.shape[1:])
    return Source(shapes, dtypes, size=size, counts=(), several={ONLY: array})


def _of_array(asked: Asked, header: Header | None) -> Learned:
    if header is None or not header.shape:
        return _named(asked, None)
    return _named(asked, header.shape[1:], numbers=header.kind == "f")


def _named(asked: Asked, shape: Sizes | None, *, numbers: bool = False) -> Learned:
    """What is told of one of several targets; numbers: whether its values are sure to be some."""
    if shape is not None and shape not in ((), (1,)):
        return Learned("array", shape)
    if asked.kind == "classes":
        names = asked.classes if isinstance(asked.classes, tuple) else ()
        return Learned(_target(names), None, _class_facts(names) if names else {})
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


def _class_facts(names: Sequence[str]) -> dict[str, Plain]:
    return {
        "classes": len(names),
        "class_names": list(names),
        "target_mean": None,
        "target_std": None,
    }


def _targets(data: DataSection, source: Source) -> dict[str, Learned]:
    """The targets by name, those that are inputs among them."""
    inputs = inputs_learned(data.target, list(source.shapes) or [MAIN])
    if data.target == INPUTS:
        if not source.shapes:
            return {}
        return {name: Learned("array", source.shapes[it]) for name, it in inputs.items()}
    found = dict(source.several)
    if not found:
        facts: Mapping[str, Plain] = _class_facts(source.class_names) if source.class_names else {}
        found[ONLY] = Learned(source.target, (1,) if source.target == "number" else None, facts)
    return found | {name: Learned("array", source.shapes.get(it)) for name, it in inputs.items()}


def _facts(data: DataSection, source: Source, targets: Mapping[str, Learned]) -> dict[str, Plain]:
    facts: dict[str, Plain] = {"vocabulary_size": None}
    if source.shapes:
        first = next(iter(source.shapes.values()))
        facts["shape"] = list(first)
        facts["features"] = first[0] if len(first) == 1 else None
    only = targets.get(ONLY)
    if targets and (only is None or only.kind in ("number", "array")):
        facts.update(dict.fromkeys(("classes", "class_names", "class_counts")))
    if (only is None and targets) or (only is not None and only.kind == "array"):
        facts.update(dict.fromkeys(("target_mean", "target_std")))
    for name, target in targets.items():
        prefix = f"{TARGETS}.{name}." if name != ONLY else ""
        facts.update({prefix + key: fact for key, fact in target.facts.items()})
    if named := [name for name in targets if name != ONLY]:
        facts[TARGETS] = list(named)
    facts.update(_sizes(data, source, only))
    return facts


def _sizes(data: DataSection, source: Source, only: Learned | None) -> dict[str, Plain]:
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
    classes = only is not None and only.kind in ("classes", "binary")
    return facts | ({"class_counts": list(counts)} if counts and classes else {})
