"""Every operation that is offered validates, builds, is saved, and computes what Keras computes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from modelforge.build.from_spec import model_of
from modelforge.build.objects import make
from modelforge.catalog import Word, load_catalog
from modelforge.document import parse
from modelforge.document.write import to_yaml
from modelforge.findings import Findings, Source
from modelforge.findings.text import render
from modelforge.graph import Loaded, understand
from modelforge.spec.resolved import Resolved
from tests.conformance.operations import spec_of, values_of

OPERATIONS = [word for word in load_catalog().words("operation").values() if not word.refused]
# Values of these are not told by their inputs.
UNTOLD = ("ops.empty_like", "ops.image.elastic_transform")


def understood(spec: dict[str, Any]) -> Loaded:
    findings = Findings()
    root = parse(Source("spec.yaml", to_yaml(spec)), findings)
    loaded = understand(root, (), findings) if root else None
    assert loaded and not len(findings), render(findings)
    return loaded


def given(sources: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What each tensor of an operation is given."""
    return {
        tensor: [values[name] for name in names] if isinstance(names, tuple) else values[names]
        for tensor, names in sources.items()
    }


@pytest.mark.parametrize("word", OPERATIONS, ids=lambda word: word.name)
def test_an_operation_is_a_layer(word: Word, tmp_path: Path) -> None:
    keras.backend.clear_session()
    spec = spec_of(word)
    values = values_of(spec)
    (node,) = understood(spec).graph.nodes
    tensors = {name: keras.ops.convert_to_tensor(value) for name, value in values.items()}
    expected = keras.tree.flatten(make(node.object).result(given(node.sources, tensors)))
    if len(expected) > 1:
        spec["model"]["outputs"] = [f"made.{number}" for number in range(len(expected))]
    loaded = understood(spec)
    resolved = Resolved(load_catalog()).spec(loaded.spec)
    assert Resolved(load_catalog()).spec(understood(resolved).spec) == resolved
    model, _ = model_of(loaded, Findings())
    model.save(tmp_path / "model.keras")
    for each in (model, keras.models.load_model(tmp_path / "model.keras")):
        found = each.predict_on_batch(values if len(values) > 1 else next(iter(values.values())))
        if word.name in UNTOLD:
            continue
        for left, right in zip(expected, keras.tree.flatten(found), strict=True):
            np.testing.assert_allclose(np.asarray(left), right, rtol=1e-4, atol=1e-5)
