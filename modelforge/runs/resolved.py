"""`resolved.yaml`: the spec as it was run, without variables, that trains again from anywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from modelforge.catalog import Catalog
from modelforge.document.write import to_yaml
from modelforge.spec import Object, Spec
from modelforge.spec.resolved import Resolved
from modelforge.spec.values import Value

PATH = "path"  # the argument under which every source takes its file or folder


def resolved_yaml(spec: Spec, base: Path, catalog: Catalog) -> str:
    """The resolved spec as text; `base` is the folder that its paths are relative to.

    Paths to data are made absolute: the text lies in a run folder, where a relative one would
    lead somewhere else.
    """
    return to_yaml(Resolved(catalog).spec(with_absolute_paths(spec, base)))


def with_absolute_paths(spec: Spec, base: Path) -> Spec:
    """The spec with the paths of its sources as they are on this machine."""
    if spec.data is None:
        return spec
    places: dict[str, Any] = {
        role: _absolute(source, base)
        for role in ("train", "validation", "test")
        if isinstance(source := getattr(spec.data, role), Object)
    }
    return replace(spec, data=replace(spec.data, **places))


def _absolute(source: Object, base: Path) -> Object:
    if PATH not in source.arguments:
        return source
    path = _joined(source.arguments[PATH], base)
    return replace(source, arguments={**source.arguments, PATH: path})


def _joined(path: Value, base: Path) -> Value:
    if isinstance(path, tuple):
        return tuple(_joined(item, base) for item in path)
    return str((base / Path(path).expanduser()).resolve()) if isinstance(path, str) else path
