"""Losses, weights and metrics by output name, held against the outputs that the model has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from modelforge.findings import Findings, did_you_mean, listed
from modelforge.graph.graph import Graph
from modelforge.spec import TrainSection


def check_targets(graph: Graph, train: TrainSection, findings: Findings) -> None:
    """Adds findings for outputs without a loss, and for names that are no output."""
    if isinstance(train.loss, Mapping):
        _check_known("loss", train.loss, graph, train, findings)
        for output in graph.outputs:
            if output not in train.loss:
                findings.error(
                    "output-without-loss",
                    f"the output `{output}` has no loss",
                    train.span_of("loss"),
                    notes=[
                        f"losses are given for {listed(train.loss)}; give it one, or take it out "
                        "of `model.outputs`"
                    ],
                )
    if isinstance(train.metrics, Mapping):
        _check_known("metrics", train.metrics, graph, train, findings)
    if train.loss_weights:
        _check_known("loss_weights", train.loss_weights, graph, train, findings)


def _check_known(
    key: str, names: Iterable[str], graph: Graph, train: TrainSection, findings: Findings
) -> None:
    for name in names:
        if name not in graph.outputs:
            findings.error(
                "unknown-output",
                f"the model has no output `{name}`",
                train.span_of(f"{key}.{name}"),
                hint=did_you_mean(name, graph.outputs),
                notes=[f"outputs: {listed(graph.outputs)}"],
            )
