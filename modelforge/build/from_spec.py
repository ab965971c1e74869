"""The model of a spec alone, for looking at it: the data is opened only for what it must tell."""

from __future__ import annotations

from pathlib import Path

import keras

from modelforge.build.compile import precision
from modelforge.build.model import build_model
from modelforge.data.bundle import Tensor
from modelforge.data.open import open_data
from modelforge.findings import Findings
from modelforge.graph import Graph, Loaded, settle
from modelforge.graph.written import blaming
from modelforge.resolve import contains_waiting


def model_of(loaded: Loaded, findings: Findings) -> tuple[keras.Model, Graph]:
    """The uncompiled model of a spec and the graph that it was built from; raises Refused."""
    inputs: dict[str, Tensor] = {}
    data = loaded.spec.data
    if data is not None and (loaded.graph.inputs is None or contains_waiting(loaded.root)):
        bundle = open_data(data, Path(loaded.source.name).parent, findings)
        findings.stop_on_errors()
        inputs = dict(bundle.inputs)
        settled = settle(loaded, bundle.given, findings)
        findings.stop_on_errors()
        assert settled is not None
        loaded = settled
    policy = loaded.spec.train.precision if loaded.spec.train else keras.config.floatx()
    with blaming(loaded.root, findings), precision(policy):
        return build_model(loaded.graph, inputs, loaded.spec.name, findings), loaded.graph
