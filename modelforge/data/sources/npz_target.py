"""The target of an NPZ: whole numbers that count classes from 0, labels as 0 and 1, or numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from modelforge.data.place import Request, refuse_twice
from modelforge.data.samples import Target, class_target, number_target
from modelforge.spec.targets import MULTI_LABEL

MOST_CLASSES = 100_000


def read_array_target(
    arrays: Mapping[str, np.ndarray], request: Request, like: Target | None
) -> Target | None:
    """The target that the request is about, checked; None after a finding."""
    array = arrays[str(request.get("target"))]
    given = request.get("classes")
    asked = str(request.get("target_kind", "auto")).lower()
    refuse_twice(request)
    if asked == MULTI_LABEL or (like is not None and like.kind == MULTI_LABEL):
        return _labels(array, given, request, like)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    whole = array.dtype.kind in "iub"
    if (
        array.ndim == 1
        and (whole or given is not None or asked == "classes")
        and asked != "number"
        and (like is None or like.class_names)
    ):
        return _classes(array, given, request, like)
    if array.dtype.kind in "USO":
        request.error(
            "wrong-dtype",
            "the target holds texts, expected whole numbers from 0, or numbers",
            "target",
            notes=("`numpy.unique(y, return_inverse=True)` gives the names and such numbers",),
        )
        return None
    if array.dtype.kind not in "fiub" or not np.isfinite(array).all():
        request.error(
            "wrong-value", "the target holds values that are not finite numbers", "target"
        )
        return None
    return number_target(array)


def _classes(
    array: np.ndarray,
    given: int | Sequence[object] | None,
    request: Request,
    like: Target | None,
) -> Target | None:
    if array.dtype.kind not in "iub":
        values = array.astype(np.float64) if array.dtype.kind == "f" else None
        if values is None or not np.array_equal(values, np.floor(values)):
            request.error(
                "label-not-whole",
                f"the labels are {array.dtype.name}, expected whole numbers from 0",
                "target",
                notes=("leave `classes` out if the target is a number",),
            )
            return None
    labels = array.astype(np.int64)
    if given is None and like is None and labels.max() >= MOST_CLASSES:
        request.error(
            "too-many-classes",
            f"the largest label is {labels.max():,}, more than {MOST_CLASSES:,} classes",
            "target",
            notes=(
                "labels count the classes from 0: number them again, for example with "
                "`numpy.unique(y, return_inverse=True)`",
                "a target that is a number is saved as floating point: `y.astype(float)`",
            ),
        )
        return None
    names = _names(labels, given, like)
    outside = np.flatnonzero((labels < 0) | (labels >= len(names)))
    if len(outside):
        first = int(outside[0])
        request.error(
            "label-out-of-range",
            f"sample {first} has label {labels[first]}, expected 0 to {len(names) - 1}",
            "classes" if given is not None else "target",
            notes=(f"{len(outside)} of {len(labels)} labels are out of range",),
        )
        return None
    if len(names) == 1:
        request.error("single-class", "every label is 0, so there is nothing to learn", "target")
        return None
    return Target(labels.astype(np.int32), class_target(names), names)


def _labels(
    array: np.ndarray,
    given: int | Sequence[object] | None,
    request: Request,
    like: Target | None,
) -> Target | None:
    """A multi-label target: a column of 0 and 1 for each label."""
    if array.ndim != 2 or array.shape[1] < 2 or array.dtype.kind not in "fiub":
        request.error(
            "wrong-dtype",
            f"the labels are {array.dtype.name} of shape {list(array.shape)}, expected 0 and 1 of "
            "shape [samples, labels]",
            "target",
            notes=("`sklearn.preprocessing.MultiLabelBinarizer` makes such an array from lists",),
        )
        return None
    wrong = np.argwhere((array != 0) & (array != 1))
    if len(wrong):
        sample, column = wrong[0]
        request.error(
            "label-out-of-range",
            f"sample {sample} has {array[sample, column]} for label {column}, expected 0 or 1",
            "target",
        )
        return None
    if given is None and (like is None or like.kind != MULTI_LABEL):
        given = array.shape[1]
    names = _names(np.empty(0), given, like)
    if len(names) != array.shape[1]:
        request.error(
            "unequal-lengths",
            f"the target has {array.shape[1]} columns, but there are {len(names)} labels",
            "classes" if request.get("classes") is not None else "target",
        )
        return None
    return Target(array.astype(np.float32), MULTI_LABEL, names)


def _names(
    labels: np.ndarray, given: int | Sequence[object] | None, like: Target | None
) -> tuple[str, ...]:
    if isinstance(given, int):
        return tuple(str(number) for number in range(given))
    if given is not None:
        return tuple(str(name) for name in given)
    if like is not None:
        return like.class_names
    return tuple(str(number) for number in range(max(0, int(labels.max())) + 1))
