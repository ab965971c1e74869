"""Metrics of the best guesses, which TensorFlow counts among float32 scores alone."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.findings import Findings
from modelforge.graph.dtypes.promotion import FLOATS
from modelforge.graph.graph import Graph
from modelforge.graph.shapes.infer import UNKNOWN
from modelforge.graph.shapes.known import Known
from modelforge.spec import TrainSection

_RANKED = ("SparseTopKCategoricalAccuracy", "TopKCategoricalAccuracy")


def check_ranked(
    train: TrainSection, graph: Graph, known: Mapping[str, Known], findings: Findings
) -> None:
    """Adds an error for each such metric of an output that is not float32."""
    for name in graph.outputs:
        dtypes = known.get(name, UNKNOWN).dtypes or ()
        dtype = dtypes[0] if len(dtypes) == 1 else None
        if dtype not in FLOATS or dtype == "float32":
            continue
        chosen = train.metrics
        for metric in chosen.get(name, ()) if isinstance(chosen, Mapping) else chosen:
            if metric.name in _RANKED and metric.arguments.get("from_sorted_ids") is not True:
                findings.error(
                    "metric-mismatch",
                    f"the metric `{metric.name}` takes float32, but the output `{name}` is {dtype}",
                    metric.span,
                    hint=f"give the layer `{name}` `dtype: float32`",
                    notes=["TensorFlow counts among the best guesses in no other dtype"],
                )
