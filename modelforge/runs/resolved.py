"""`resolved.yaml`: the spec as it was run, without variables, that trains again from anywhere."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from modelforge.catalog import Catalog
from modelforge.catalog.own import hub
from modelforge.document.write import to_yaml
from modelforge.spec import InnerModel, LoadItem, ModelSection, Object, Spec
from modelforge.spec.inside import changed, inside
from modelforge.spec.resolved import Resolved
from modelforge.spec.values import Value

PATHS = ("path", "table")  # the arguments under which sources take their files and folders


def resolved_yaml(
    spec: Spec, base: Path, catalog: Catalog, kept: Mapping[str, str] | None = None
) -> str:
    """The resolved spec as text; `base` is the folder that its paths are relative to.

    Paths to data are made absolute: the text lies in a run folder, where a relative one would
    lead somewhere else. kept: the paths of saved models, and where the run folder keeps them.
    """
    return to_yaml(Resolved(catalog).spec(with_absolute_paths(spec, base, kept or {})))


def with_absolute_paths(spec: Spec, base: Path, kept: Mapping[str, str] | None = None) -> Spec:
    """The spec with the paths of its sources and saved models as they are on this machine."""
    spec = replace(spec, model=_with_models(spec.model, kept or {}))
    if spec.data is None:
        return spec
    places: dict[str, Any] = {
        role: _absolute(source, base)
        for role in ("train", "validation", "test")
        if isinstance(source := getattr(spec.data, role), Object)
    }
    return replace(spec, data=replace(spec.data, **places))


def loads(model: ModelSection) -> Iterator[LoadItem]:
    """Every saved model that a model has among its layers."""
    for layer in model.layers:
        if layer.load is not None:
            yield layer.load
        if layer.model is not None:
            yield from loads(layer.model)
        for _, inner in inside(layer.object):
            if isinstance(inner, InnerModel) and inner.load is not None:
                yield inner.load
            elif isinstance(inner, InnerModel) and inner.model is not None:
                yield from loads(inner.model)


def _with_models(model: ModelSection, kept: Mapping[str, str]) -> ModelSection:
    layers = [
        replace(
            layer,
            object=_with_weights(kept, changed(layer.object, partial(_inner, kept))),
            load=layer.load and _with_path(layer.load, kept),
            model=layer.model and _with_models(layer.model, kept),
        )
        for layer in model.layers
    ]
    weights = model.weights
    if weights is not None:
        path = kept.get(weights.path) or os.path.abspath(weights.path)
        weights = replace(weights, path=path)
    return replace(model, layers=tuple(layers), weights=weights)


def _inner(kept: Mapping[str, str], found: Object, path: tuple[str, ...]) -> Object:
    if not isinstance(found, InnerModel):
        return _with_weights(kept, found)
    return replace(
        found,
        load=found.load and _with_path(found.load, kept),
        model=found.model and _with_models(found.model, kept),
    )


def _with_weights(kept: Mapping[str, str], found: Object) -> Object:
    """A network with the path of the file or the preset's folder that it takes its weights from."""
    if found.name == hub.NAME:
        preset = found.arguments.get("preset")
        if not isinstance(preset, str) or not hub.is_folder(preset):
            return found
        return replace(found, arguments={**found.arguments, "preset": os.path.abspath(preset)})
    path = found.arguments.get("weights")
    if found.kind != "application" or not isinstance(path, str) or path == "imagenet":
        return found
    path = kept.get(path) or os.path.abspath(path)
    return replace(found, arguments={**found.arguments, "weights": path})


def _with_path(load: LoadItem, kept: Mapping[str, str]) -> LoadItem:
    return replace(load, path=kept.get(load.path) or os.path.abspath(load.path))


def _absolute(source: Object, base: Path) -> Object:
    paths = {
        name: _joined(source.arguments[name], base) for name in PATHS if name in source.arguments
    }
    return replace(source, arguments={**source.arguments, **paths}) if paths else source


def _joined(path: Value, base: Path) -> Value:
    if isinstance(path, tuple):
        return tuple(_joined(item, base) for item in path)
    return str((base / Path(path).expanduser()).resolve()) if isinstance(path, str) else path
