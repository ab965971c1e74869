"""One export: written aside, loaded again, compared with the Keras model, then put in place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from modelforge.data.bundle import Tensor
from modelforge.export.formats import FORMATS, Format
from modelforge.export.proof import Proof
from modelforge.export.served import Served, argument_names
from modelforge.findings import Findings
from modelforge.runs.state import process_exists
from modelforge.spec import Object

TOLERANCE = 1e-5
_OURS = ("tolerance", "inputs", "version")  # arguments that say nothing to the one who writes
COARSE = 0.02  # bfloat16 keeps 8 bits: neighbouring numbers are up to 0.0078 of them apart


def export_one(
    served: Served,
    item: Object,
    samples: Mapping[str, Any],
    folder: Path,
    findings: Findings,
    tensors: Mapping[str, Any] | None = None,
) -> dict[str, Any] | None:
    """Exports to `folder` in the format that `item` names; None and a finding where it fails.

    samples: real inputs by name, on which the export must answer as the Keras model does. tensors:
    the same behind the preprocessing, where training has read them another way.
    """
    form = FORMATS[item.name]
    target = _target(folder, form, item)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{os.getpid()}-{target.name}")
    options = {k: v for k, v in item.arguments.items() if k not in _OURS}
    proof = Proof(served, samples, tensors)
    tolerance = _tolerance(served, item)
    try:
        form.write(served, aside, **options)
        outputs, *found = proof.compare(form, aside, tolerance)
        if not _acceptable(item, tolerance, found, findings):
            return None
        size = _size(aside)
        _into_place(aside, target)
    except OSError as error:
        findings.error(
            "export-unwritable",
            f"`{target}` cannot be written: {error.strerror or error}",
            item.span,
        )
        return None
    finally:
        _remove(aside)
        if form.versions and target.parent.name == form.versions:
            with suppress(OSError):  # others lie in it
                target.parent.rmdir()
    return {
        "format": item.name,
        "path": str(target),
        "size": size,
        "max_difference": found[0],
        "tolerance": tolerance,
        "samples": len(next(iter(samples.values()))),
        **_signature(served, outputs),
        **({"version": item.arguments["version"]} if item.arguments.get("version") else {}),
    }


def _target(folder: Path, form: Format, item: Object) -> Path:
    version = item.arguments.get("version")
    return folder / form.versions / str(version) if version else folder / form.file


def _acceptable(item: Object, tolerance: float, found: Sequence[float], findings: Findings) -> bool:
    difference, between_calls = found
    if between_calls > tolerance:
        findings.error(
            "export-random",
            f"the exported {item.name} answers the same input differently each time, by up to "
            f"{between_calls:.2g}",
            item.span,
            notes=["a layer of the model is random outside training too; take it out of the model"],
        )
        return False
    if difference > tolerance:
        findings.error(
            "export-differs",
            f"the exported {item.name} differs from the Keras model by {difference:.2g}, which is "
            f"more than the tolerance {tolerance:g}",
            item.span,
            notes=[
                "nothing was exported",
                "where so large a difference does no harm, give the format a larger `tolerance`: "
                f"`{item.name}: {{tolerance: 1e-3}}`",
            ],
        )
        return False
    return True


def _tolerance(served: Served, item: Object) -> float:
    value = item.arguments.get("tolerance")
    if isinstance(value, (int, float)):
        return float(value)
    return COARSE if served.computes_in_16_bits else TOLERANCE


def _signature(served: Served, outputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "inputs": _inputs(served.inputs),
        **({"tensors": _inputs(served.tensors)} if served.tensors else {}),
        "outputs": {
            name: {"shape": [None, *outputs[name].shape[1:]], "dtype": _dtype(outputs[name])}
            # A signature has no order; the model's own come first, as it has them.
            for name in dict.fromkeys([*served.output_names, *sorted(outputs)])
        },
        "class_names": _class_names(served),
    }


def _inputs(inputs: Mapping[str, Tensor]) -> dict[str, Any]:
    names = argument_names(inputs)
    return {
        names[name]: {"shape": [None, *it.shape], "dtype": it.dtype, "data": name}
        for name, it in inputs.items()
    }


def _dtype(value: np.ndarray) -> str:
    return "string" if value.dtype == object else str(value.dtype)


def _class_names(served: Served) -> list[str] | dict[str, list[str]]:
    """Of the only output that tells classes; by output where several do."""
    names = {output: list(classes) for output, classes in served.class_names.items()}
    return names if len(names) > 1 else next(iter(names.values()), [])


def _into_place(aside: Path, target: Path) -> None:
    """Renames; a folder cannot be renamed over another, so the one before steps aside first."""
    before = target.with_name(f".before-{os.getpid()}-{target.name}")
    if target.exists():
        os.replace(target, before)
    os.replace(aside, target)
    _remove(before)
    for left in target.parent.glob(f".*-{target.name}"):
        if _is_dead(left.name):
            _remove(left)


def _is_dead(name: str) -> bool:
    """Whether the process is gone that wrote aside under this name: it was killed meanwhile."""
    number = name.removeprefix(".before-").removeprefix(".").split("-")[0]
    return number.isdecimal() and not process_exists(int(number))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
