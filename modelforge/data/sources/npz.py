"""NPZ: arrays saved by NumPy, one or several inputs and a target."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from modelforge.catalog.naming import MAIN
from modelforge.data.bundle import Tensor
from modelforge.data.feeds import ArrayFeed
from modelforge.data.place import Request
from modelforge.data.samples import Samples
from modelforge.data.sources.npz_target import read_array_target
from modelforge.data.sources.targets import read_targets
from modelforge.findings import Span, did_you_mean, listed

MOST_WHOLE = 2**31 - 1  # that int32 holds


def read_npz(request: Request, like: Samples | None = None) -> Samples | None:
    """The samples of an archive."""
    path = request.path(folder=False)
    names = request.get("inputs", "x")
    names = [names] if isinstance(names, str) else [str(name) for name in names]
    wanted = [(request.span("inputs"), name) for name in names]
    arrays = load_arrays(path, wanted, request) if path else None
    asked = [(target.span, target.column) for target in request.targets]
    columns = load_arrays(path, asked, request) if path else None
    if path is None or arrays is None or columns is None:
        return None
    if not _equally_long({**arrays, **columns}, request):
        return None
    if not _types_are_good(arrays, request):
        return None
    targets = read_targets(request, like, lambda it, one: read_array_target(columns, it, one))
    if targets is None:
        return None
    _warn_not_finite(arrays, request)
    inputs = {name: as_input(array) for name, array in arrays.items()}
    if len(inputs) == 1:
        inputs = {MAIN: next(iter(inputs.values()))}
    return Samples(
        size=len(next(iter(arrays.values()))),
        feed=ArrayFeed(inputs),
        targets=targets,
        tensors={name: tensor_of(array) for name, array in inputs.items()},
        reading={
            "kind": "arrays",
            "arrays": dict(zip(inputs, names, strict=True)),
            "inputs": {name: list(array.shape[1:]) for name, array in inputs.items()},
        },
        fingerprint=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def load_arrays(
    path: Path, wanted: Sequence[tuple[Span, str]], request: Request
) -> dict[str, np.ndarray] | None:
    """Arrays by name, each with the place to blame; None after a finding."""
    found: dict[str, np.ndarray] = {}
    try:
        loaded = np.load(path, allow_pickle=False)
        if not isinstance(loaded, np.lib.npyio.NpzFile):
            raise ValueError("it holds a single array without a name")
        with loaded as archive:
            for span, name in wanted:
                if name not in archive.files:
                    request.findings.error(
                        "unknown-array",
                        f"there is no array `{name}` in {path.name}",
                        span,
                        hint=did_you_mean(name, archive.files),
                        notes=(f"arrays of the file: {listed(archive.files)}",),
                    )
                    continue
                found[name] = archive[name]
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        # NumPy takes anything for a pickle that it does not know.
        pickled = "Object arrays" in str(error) or _is_pickle(path)
        why = "it holds pickled Python objects, which could run code" if pickled else str(error)
        why = "it is no NumPy file" if "pickle" in why and not pickled else why
        request.error(
            "unreadable-archive",
            f"{path.name} cannot be read: {why}",
            notes=("expected an archive written by `numpy.savez`, of plain arrays",),
        )
        return None
    return found if len(found) == len({name for _, name in wanted}) else None


def _is_pickle(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(1) == b"\x80"
    except OSError:
        return False


def _types_are_good(arrays: Mapping[str, np.ndarray], request: Request) -> bool:
    wrong = {name: array.dtype for name, array in arrays.items() if array.dtype.kind not in "biufU"}
    for name, dtype in wrong.items():
        request.error(
            "wrong-dtype",
            f"array `{name}` holds {dtype} values, which no model takes",
            "inputs",
            notes=("expected numbers, truth values, or text (NumPy's `str`)",),
        )
    return not wrong


def _warn_not_finite(arrays: Mapping[str, np.ndarray], request: Request) -> None:
    for name, array in arrays.items():
        wrong = 0 if array.dtype.kind != "f" else int(np.size(array) - np.isfinite(array).sum())
        if wrong:
            request.warning(
                "not-finite",
                f"array `{name}` has {wrong:,} of {array.size:,} values that are not finite",
                "inputs",
                notes=(
                    "one NaN or infinity in a batch makes the loss NaN; replace them before "
                    "`numpy.savez`, for example with `numpy.nan_to_num`",
                ),
            )


def as_input(array: np.ndarray) -> np.ndarray:
    """An array in a dtype that models take: bytes stay bytes, numbers become float32 or int32."""
    if array.dtype == np.uint8 or array.dtype.kind == "U":
        return array.astype(object) if array.dtype.kind == "U" else array
    if array.dtype.kind in "iu":
        if array.size and (array.max() > MOST_WHOLE or array.min() < -MOST_WHOLE):
            return array.astype(np.float32 if array.dtype == np.uint64 else np.int64)
        return array.astype(np.int32)
    return array.astype(np.float32)


def tensor_of(array: np.ndarray) -> Tensor:
    """What the model sees of an input array."""
    if array.dtype == object:
        return Tensor(array.shape[1:], "string")
    kept = array.dtype.kind == "i"
    return Tensor(array.shape[1:], array.dtype.name if kept else "float32")


def _equally_long(arrays: Mapping[str, np.ndarray], request: Request) -> bool:
    scalars = [name for name, array in arrays.items() if array.ndim == 0]
    if scalars:
        request.error("no-samples", f"array `{scalars[0]}` has no axis that counts the samples")
        return False
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"`{name}` has {length}" for name, length in lengths.items())
        request.error("unequal-lengths", f"the arrays have different numbers of samples: {shown}")
        return False
    if next(iter(lengths.values())) == 0:
        request.error("no-samples", "the arrays hold no samples")
        return False
    return True
