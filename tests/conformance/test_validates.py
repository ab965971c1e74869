"""Every word validates where it belongs: with what it needs, and with every default written out."""

from __future__ import annotations

from typing import Any

import pytest

from modelforge.catalog import Catalog, Word, load_catalog
from modelforge.document import parse
from modelforge.document.write import to_yaml
from modelforge.findings import Finding, Findings, Source
from modelforge.schema import check
from modelforge.spec import read_spec
from modelforge.spec.resolved import Resolved
from tests.conformance.examples import minimal
from tests.conformance.operations import spec_of

WORDS = list(load_catalog())


def spec_with(word: Word) -> dict[str, Any]:
    """A spec that uses a word where words of its kind belong."""
    example = minimal(word)
    dense: dict[str, Any] = {"units": 1}
    train: dict[str, Any] = {"loss": "Huber"}
    data: dict[str, Any] = {"train": "Digits"}
    spec: dict[str, Any] = {"model": {"layers": [{"Dense": dense}]}, "train": train, "data": data}
    match word.kind:
        case "operation" if not word.refused:
            spec["model"] = spec_of(word)["model"]
        case "layer" | "application" | "operation":
            spec["model"]["layers"] = [example]
        case "activation" | "constraint" | "dtype_policy" | "initializer" | "regularizer":
            dense[_DENSE[word.kind]] = example
        case "quantization":
            dense["quantization_config"] = example
        case "loss" | "optimizer":
            train[word.kind] = example
        case "strategy":
            train["distribute"] = example
        case "metric" | "callback":
            train[f"{word.kind}s"] = [example]
        case "schedule":
            train["optimizer"] = {"SGD": {"learning_rate": example}}
        case "source":
            data["train"] = example
        case "feature" | "target":
            features, target = (
                ({"a": example}, "y") if word.kind == "feature" else ({}, {"y": example})
            )
            data["train"] = {"CSV": {"path": "x.csv", "target": target, "features": features}}
        case "export":
            spec["export"] = [example]
    return spec


_DENSE = {
    "activation": "activation",
    "constraint": "kernel_constraint",
    "dtype_policy": "dtype",
    "initializer": "kernel_initializer",
    "regularizer": "kernel_regularizer",
}


def checked(spec: dict[str, Any], catalog: Catalog) -> tuple[Any, list[Finding]]:
    findings = Findings()
    root = parse(Source("word.yaml", to_yaml(spec)), findings)
    assert root is not None, list(findings)
    check(root, catalog, findings)
    return root, list(findings)


@pytest.mark.parametrize("word", WORDS, ids=lambda word: f"{word.kind}-{word.name}")
def test_validates(word: Word, catalog: Catalog) -> None:
    root, findings = checked(spec_with(word), catalog)
    if word.refused:
        assert [finding.rule for finding in findings] == ["refused-word"]
        assert word.refused in findings[0].notes
        return
    assert findings == []
    resolved = Resolved(catalog).spec(read_spec(root, catalog))
    _, findings = checked(resolved, catalog)
    assert findings == []
