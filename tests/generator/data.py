"""The `data` section and the files that it reads: bundled sets, archives, tables."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from modelforge.graph.shapes.known import Shape
from tests.generator.draw import Draw
from tests.generator.objects import Objects

BUNDLED: dict[str, tuple[Shape, int]] = {
    "Digits": ((None, 8, 8, 1), 10),
    "Iris": ((None, 4), 3),
    "Wine": ((None, 13), 3),
    "BreastCancer": ((None, 30), 2),
    "Diabetes": ((None, 10), 0),
}
ROWS = 30
# Layers for `augment`, by the number of axes of a sample; those for colours need three channels.
_FACTOR = {"factor": (0.1, 0.3)}
AUGMENTING: dict[int, dict[str, dict[str, Any]]] = {
    1: {"GaussianNoise": {"stddev": (0.1,)}, "Dropout": {"rate": (0.1,)}},
    3: {
        "AutoContrast": {},
        "Equalization": {},
        "GaussianNoise": {"stddev": (0.1,)},
        "RandomBrightness": _FACTOR,
        "RandomContrast": _FACTOR,
        "RandomElasticTransform": _FACTOR,
        "RandomErasing": _FACTOR,
        "RandomFlip": {"mode": ("horizontal",)},
        "RandomGaussianBlur": _FACTOR,
        "RandomInvert": _FACTOR,
        "RandomPerspective": _FACTOR,
        "RandomPosterization": {"factor": (4,)},
        "RandomRotation": _FACTOR,
        "RandomSharpness": _FACTOR,
        "RandomShear": {"x_factor": (0.1,)},
        "RandomTranslation": {"height_factor": (0.1,), "width_factor": (0.2,)},
        "RandomZoom": {"height_factor": (0.1,)},
        "Solarization": {"addition_factor": (0.1,)},
    },
}
COLOURS: dict[str, dict[str, Any]] = {
    "AugMix": {},
    "RandAugment": {},
    "RandomColorDegeneration": _FACTOR,
    "RandomColorJitter": {"brightness_factor": (0.1,)},
    "RandomGrayscale": _FACTOR,
    "RandomHue": _FACTOR,
    "RandomSaturation": _FACTOR,
}


@dataclass(frozen=True)
class Target:
    """What an output learns: one of `size` classes, or `size` numbers; name: of the output."""

    name: str
    classes: bool
    size: int


def common(draw: Draw) -> dict[str, Any]:
    """What is said beside the sources."""
    found: dict[str, Any] = {"validation": 0.2, "batch_size": draw.one((8, 16))}
    return found | draw.some(0.2, test=(0.2,), shuffle=(False,), seed=(3,), cache=("memory",))


def augmenting(draw: Draw, pen: Objects, shape: Sequence[int | None]) -> list[Any]:
    """Layers that change a sample of this shape and leave the shape as it is."""
    table = AUGMENTING.get(len(shape), {})
    if len(shape) == 3 and shape[-1] == 3:
        table = draw.one((table, COLOURS))
    found = []
    for word in draw.sample(sorted(table), 4):
        draw.note(f"augment {word}")
        arguments = {key: draw.one(values) for key, values in table[word].items()}
        found.append(pen.written([word, "layer", arguments]))
    return found


def archive(
    draw: Draw, inputs: Mapping[str, tuple[str, Sequence[int | None]]], targets: Sequence[Target]
) -> tuple[dict[str, Any], bytes]:
    """The arguments of `NPZ`, and its file; inputs: kind and shape by name."""
    random = np.random.default_rng(draw.whole(0, 999))
    arrays: dict[str, np.ndarray] = {}
    for name, (kind, shape) in inputs.items():
        arrays[name] = _values(random, kind, (ROWS, *(size or 1 for size in shape)))
    given: dict[str, Any] = {"path": "data.npz"}
    names = [*inputs]
    if len(names) == 1 and draw.chance(0.5):
        arrays["x"] = arrays.pop(names[0])
    else:
        given["inputs"] = names[0] if len(names) == 1 else names
    if len(targets) == 1 and not targets[0].name:
        arrays["y"] = _learned(random, targets[0])
    else:
        draw.note("targets by name")
        given["target"], columns = _by_name(draw, targets)
        arrays |= {columns[target.name]: _learned(random, target) for target in targets}
    file = io.BytesIO()
    np.savez(file, **arrays)
    return given, file.getvalue()


def _values(random: np.random.Generator, kind: str, sizes: tuple[int, ...]) -> np.ndarray:
    if kind in ("int32", "crossing"):
        return random.integers(0, 5, sizes).astype("int32")
    if kind in ("string", "text"):
        return random.choice(np.array(["a", "b", "c d", "No, yes!"]), sizes)
    return random.normal(size=sizes).astype("float32")


def _learned(random: np.random.Generator, target: Target) -> np.ndarray:
    if target.classes:
        return np.arange(ROWS) % max(2, target.size)
    return random.uniform(0.1, 1, (ROWS, target.size)).astype("float32")


def _by_name(draw: Draw, targets: Sequence[Target]) -> tuple[Any, dict[str, str]]:
    """The targets in one of their spellings, and the column or array of each."""
    if draw.chance(0.4):
        names = [target.name for target in targets]
        return names, dict(zip(names, names, strict=True))
    found: dict[str, Any] = {}
    columns: dict[str, str] = {}
    for target in targets:
        word = "classes" if target.classes else "number"
        column = draw.one((target.name, f"a_{target.name}"))
        columns[target.name] = column
        plain = [word] if column == target.name else [column]
        found[target.name] = draw.one((*plain, {word: {"from": column}}, {word: column}))
        if target.classes and draw.chance(0.4):
            draw.note("names of classes")
            names = [f"c{number}" for number in range(max(2, target.size))]
            found[target.name] = {"classes": {"from": column, "names": names}}
    return found, columns


def table(draw: Draw, targets: Sequence[Target]) -> tuple[dict[str, Any], bytes, int]:
    """The arguments of `CSV`, its file, and how long the vector is that it gives."""
    random = np.random.default_rng(draw.whole(0, 999))
    columns: dict[str, list[Any]] = {}
    features: dict[str, Any] = {}
    width = 0
    for number in range(draw.whole(1, 3)):
        name = f"length {number}"
        columns[name] = [round(value, 3) for value in random.normal(size=ROWS).tolist()]
        bins = draw.one((3, 4))
        feature, size = draw.one((
            ("float", 1), ("float_normalized", 1), ("float_rescaled", 1),
            ({"float_discretized": {"num_bins": bins}}, bins),
        ))  # fmt: skip
        features[name], width = feature, width + size
    if draw.chance(0.5):
        columns["kind"] = [("red", "green", "blue")[n % 3] for n in range(ROWS)]
        features["kind"] = {"string_hashed": {"num_bins": 4}}
        width += 4
    given: dict[str, Any] = {"path": "table.csv", "features": features}
    if len(targets) == 1 and not targets[0].name:
        given["target"], names = "answer", {"": "answer"}
    else:
        draw.note("targets by name")
        given["target"], names = _by_name(draw, targets)
    for target in targets:
        columns[names[target.name]] = _column(random, given["target"], target)
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    return given, ("\n".join(lines) + "\n").encode(), width


def _column(random: np.random.Generator, said: Any, target: Target) -> list[Any]:
    if not target.classes:
        return [round(value, 4) for value in random.uniform(0.1, 1, ROWS).tolist()]
    named = isinstance(said, dict) and isinstance(said[target.name], dict)
    one = said[target.name] if named else {}
    given = one.get("classes") if isinstance(one, dict) else None
    names = given.get("names") if isinstance(given, dict) else None
    names = names or [f"k{number}" for number in range(max(2, target.size))]
    return [names[number % len(names)] for number in range(ROWS)]
