"""Questions that are arrays: NPZ files, and CSV files for runs on a bundled table."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from modelforge.evaluate.asked import Asked, Questions, batched
from modelforge.findings import did_you_mean, listed


def ask_arrays(questions: Questions) -> Iterator[Asked]:
    """The arrays of NPZ files by input name, or the numbers of CSV files by column."""
    for path in questions.existing():
        if path.suffix.lower() in (".csv", ".tsv") and questions.reading.get("columns"):
            inputs = _columns(path, questions)
        else:
            inputs = _arrays(path, questions)
        if inputs:
            count = len(next(iter(inputs.values())))
            yield from batched([f"{path}[{number}]" for number in range(count)], inputs)


def _arrays(path: Path, questions: Questions) -> dict[str, np.ndarray] | None:
    try:
        arrays = _loaded(path)
    except (OSError, EOFError, ValueError, zipfile.BadZipFile) as error:
        # NumPy takes anything for a pickle that it does not know, and advises to load it unsafely.
        reason = "" if "pickle" in str(error) else f": {str(error) or type(error).__name__}"
        questions.unreadable(path, f"is no NPZ file of plain arrays{reason}", _expected(questions))
        return None
    wanted: Mapping[str, Any] = questions.manifest["inputs"]
    # In the training archive the arrays of the inputs may have had other names.
    known = questions.reading.get("arrays", {})
    renamed = {name: arrays[it] for name, it in known.items() if it in arrays}
    arrays = {**arrays, **renamed}
    # With a single input and a single array there is no question which is meant.
    if len(wanted) == 1 and len(arrays) == 1:
        arrays = dict(zip(wanted, arrays.values(), strict=True))
    checked = {name: _checked(path, (name, it), arrays, questions) for name, it in wanted.items()}
    found = {name: array for name, array in checked.items() if array is not None}
    if len(found) < len(wanted):
        return None
    if len({len(array) for array in found.values()}) > 1:
        lengths = ", ".join(f"`{name}` {len(array)}" for name, array in found.items())
        questions.unreadable(path, f"has arrays of different lengths: {lengths}")
        return None
    return found


def _loaded(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz by name; the one of an .npy has none."""
    stored = np.load(path, allow_pickle=False)
    if isinstance(stored, np.ndarray):
        return {"": stored}
    with stored:
        return {name: stored[name] for name in stored.files}


def _checked(
    path: Path,
    wanted: tuple[str, Mapping[str, Any]],
    arrays: Mapping[str, np.ndarray],
    questions: Questions,
) -> np.ndarray | None:
    name, tensor = wanted
    array = arrays.get(name)
    if array is None:
        questions.findings.error(
            "missing-input",
            f"`{path}` has no array `{name}`",
            hint=did_you_mean(name, arrays),
            notes=[f"it has: {listed(arrays)}", _expected(questions)],
        )
        return None
    shape = tuple(tensor["shape"])
    fits = array.ndim == len(shape) + 1 and all(
        want is None or want == have for want, have in zip(shape, array.shape[1:], strict=True)
    )
    if tensor["dtype"] == "string":  # which NumPy has no type of this name for
        if not fits or array.dtype.kind not in "SU":
            found = f"`{name}` of shape {array.shape} and type {array.dtype}"
            questions.unreadable(
                path, f"has {found}", _expected(questions), f"`{name}` holds texts"
            )
            return None
        return array
    if not fits or not np.can_cast(array.dtype, tensor["dtype"], casting="unsafe"):
        questions.unreadable(path, f"has `{name}` of shape {array.shape}", _expected(questions))
        return None
    try:
        return array.astype(tensor["dtype"])
    except ValueError:
        questions.unreadable(path, f"has `{name}` of type {array.dtype}", _expected(questions))
        return None


def _columns(path: Path, questions: Questions) -> dict[str, np.ndarray] | None:
    """The columns of a table of numbers, found by their names."""
    wanted = [str(column) for column in questions.reading["columns"]]
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        header = [cell.strip() for cell in lines[0].split(",")]
        missing = [column for column in wanted if column not in header]
        if missing:
            columns = f"columns: {listed(wanted, 40)}"
            questions.unreadable(path, f"has no column `{missing[0]}`", columns)
            return None
        places = [header.index(column) for column in wanted]
        rows = [[float(line.split(",")[i]) for i in places] for line in lines[1:] if line.strip()]
    except UnicodeDecodeError:
        questions.unreadable(path, "is not UTF-8 text")
        return None
    except (OSError, ValueError, IndexError) as error:
        questions.unreadable(
            path, f"is no table of these columns: {error}", f"columns: {listed(wanted, 40)}"
        )
        return None
    (name,) = questions.manifest["inputs"]
    return {name: np.array(rows, dtype=np.float32).reshape(-1, len(wanted))}


def _expected(questions: Questions) -> str:
    shapes = (
        f"`{name}` of shape ({', '.join(['n', *map(str, it['shape'])])})"
        for name, it in questions.manifest["inputs"].items()
    )
    return f"expected an NPZ file with {', '.join(shapes)}"
