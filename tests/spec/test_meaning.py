"""A spec means the same as its resolved self; and what differs is found at its own path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelforge.catalog import Catalog
from modelforge.document import parse, plain
from modelforge.document.write import to_yaml
from modelforge.findings import Findings, Source
from modelforge.graph import load, understand
from modelforge.spec.compare import differences
from modelforge.spec.place import written_at
from modelforge.spec.resolved import Resolved

GALLERY = sorted((Path(__file__).parent.parent.parent / "specs").glob("*.yaml"))


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_a_spec_means_what_its_resolved_self_means(path: Path, catalog: Catalog) -> None:
    loaded = load(str(path), [], Findings())
    assert loaded
    resolved = Resolved(catalog).spec(loaded.spec)
    root = parse(Source("resolved.yaml", to_yaml(resolved)), Findings())
    again = root and understand(root, [], Findings())
    assert again
    assert not differences(resolved, Resolved(catalog).spec(again.spec))


@pytest.mark.parametrize(
    ("left", "right", "paths"),
    [
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 1}, {"a": True}, ["a"]),
        ({"a": [1, 2]}, {"a": [1, 3]}, ["a"]),
        ({"a": {"Adam": {"x": 1}}}, {"a": {"Adam": {"x": 2}}}, ["a.Adam.x"]),
        ({"a": {"Adam": {"x": 1}}}, {"a": {"SGD": {"x": 1}}}, ["a"]),
        ({"a": {"x": 1}}, {"a": {"y": 1}}, ["a.x", "a.y"]),
        ({"a": ["Flatten"]}, {"a": []}, ["a"]),
        ({"a": ["Flatten", "ReLU"]}, {"a": ["ReLU"]}, ["a.0"]),
        ({"a": ["ReLU"]}, {"a": ["Flatten", "ReLU", "Add"]}, ["a.0", "a.2"]),
        ({"a": [{"Dense": {"u": 1}}, "ReLU"]}, {"a": ["ReLU", {"Dense": {"u": 2}}]},
         ["a.0", "a.1"]),
        ({"a": [{"Dense": {"u": 1}}]}, {"a": ["Add", {"Dense": {"u": 2}}]}, ["a.0", "a.0.Dense.u"]),
    ],
)  # fmt: skip
def test_paths_of_differences(left: Any, right: Any, paths: list[str]) -> None:
    assert [difference.path for difference in differences(left, right)] == paths
    assert len(differences(right, left)) == len(paths)


@pytest.mark.parametrize(
    ("text", "path", "written"),
    [
        ("train: {optimizer: {Adam: 0.1}}", ("train", "optimizer", "Adam", "learning_rate"), 0.1),
        ("train: {optimizer: {adam: 0.1}}", ("train", "optimizer", "Adam", "learning_rate"), 0.1),
        ("train: {optimizer: {Adam: 0.1}}", ("train", "optimizer", "Adam", "beta_1"), None),
        ("train: {optimizer: adam}", ("train", "optimizer", "Adam"), "adam"),
        ("train: {optimizer: adam}", ("train", "optimizer", "Adam", "beta_1"), None),
        ("train: {epochs: 3}", ("train", "epochs"), 3),
        ("train: {epochs: 3}", ("train", "seed"), None),
        ("layers: [Flatten, {Dense: 3}]", ("layers", 1, "Dense", "units"), 3),
        ("layers: [Flatten]", ("layers", 3), None),
    ],
)
def test_where_it_is_written(
    text: str, path: tuple[str | int, ...], written: object, catalog: Catalog
) -> None:
    root = parse(Source("s.yaml", text), Findings())
    assert root is not None
    found = written_at(root, path, catalog)
    assert (plain(found) if found is not None else None) == written
