"""Whether `learning_rate_multipliers` select something, and what the rates will be."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.findings import Findings, listed
from modelforge.graph.freezing.check import learning_weights
from modelforge.graph.freezing.foreseen import foresee_frozen
from modelforge.graph.freezing.frozen import Frozen
from modelforge.graph.freezing.inside import look
from modelforge.graph.freezing.report import SELECTORS, near
from modelforge.graph.freezing.select import Selection, Weights
from modelforge.graph.freezing.selectable import selectables
from modelforge.graph.graph import Graph
from modelforge.graph.rates.rates import Rates, multipliers
from modelforge.graph.shapes.known import Known
from modelforge.spec import TrainSection

KEY = "learning_rate_multipliers"


def check_multipliers(
    graph: Graph, known: Mapping[str, Known], train: TrainSection, findings: Findings
) -> None:
    """Adds selectors that select nothing, as far as the names of layers are known.

    train: of one phase.
    """
    if train.learning_rate_multipliers:
        selection = Selection(selectables(graph, look))
        report(selection, train, learning_weights(graph, known).get, findings)


def report(selection: Selection, train: TrainSection, weights: Weights, findings: Findings) -> None:
    """Adds selectors of layers that are not there, or have no weights."""
    for selector in train.learning_rate_multipliers:
        paths = selection.named(selector)
        span = train.span_of(f"{KEY}.{selector}")
        if not paths and not selection.opaque:
            hint, there_are = near(selector, selection)
            message = f"`{selector}` selects no layer"
            findings.error("rate-nothing", message, span, hint=hint, notes=[SELECTORS, there_are])
        elif paths and _weightless(paths, selection, weights):
            findings.error(
                "rate-nothing",
                f"what `{selector}` selects has no weights",
                span,
                notes=[f"it selects {listed(sorted(paths), 5)}"],
            )


def _weightless(paths: set[str], selection: Selection, weights: Weights) -> bool:
    if any(it.opaque or it.kind == "item" for path in paths for it in [selection.by_path[path]]):
        return False
    return all(weights(path) == 0 for path in paths if selection.by_path[path].kind == "layer")


def foresee_rates(graph: Graph, known: Mapping[str, Known], train: TrainSection) -> Rates | None:
    """The rates of one phase; None where only the model that is built can tell them."""
    if not train.has_rates:
        return Rates({})
    frozen = foresee_frozen(graph, known, train)
    if frozen is None:
        return None
    selection = Selection(selectables(graph, look))
    found = multipliers(selection, train, learning_weights(graph, known).get)
    return trained(found, frozen) if found is not None else None


def trained(found: Mapping[str, float], frozen: Frozen) -> Rates:
    """Those of layers that are trained."""
    return Rates({path: found[path] for path, counts in frozen.layers.items() if not counts.frozen})
