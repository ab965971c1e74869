"""The learning rates of layers, beside the table of layers that `show` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from modelforge.cli.by_phase import foreseen_by_phase, print_by_phase
from modelforge.cli.freezing import ByPhase, Row

if TYPE_CHECKING:
    from modelforge.graph import Graph, Loaded
    from modelforge.graph.rates.rates import Rates

RatesByPhase = Mapping[str, "Rates"]  # empty where all layers have the same rate in all phases


def asks_for_rates(loaded: Loaded) -> bool:
    """Whether layers have learning rates of their own in some phase."""
    train = loaded.spec.train
    return train is not None and any(phase.train.has_rates for phase in train.parts)


def foreseen_rates(loaded: Loaded) -> RatesByPhase | None:
    """The rates of each phase, told without TensorFlow; None where they cannot be."""
    if not asks_for_rates(loaded):
        return {}
    from modelforge.graph.rates.check import foresee_rates

    return foreseen_by_phase(loaded, foresee_rates)


def built_rates(loaded: Loaded, model: Any, graph: Graph, frozen: ByPhase) -> RatesByPhase:
    """The rates of each phase of a model that is built."""
    train = loaded.spec.train
    if train is None or not asks_for_rates(loaded):
        return {}
    from modelforge.build.rates import find_rates

    return {
        phase.name: find_rates(model, graph, phase.train, frozen[phase.name]).rates
        for phase in train.parts
    }


def rated(rows: list[Row], by_phase: RatesByPhase, prefix: str = "") -> list[Row]:
    """The rows with what the learning rate is multiplied by: a number, or numbers by phase.

    Only layers that are trained have one, in the phases in which they are.
    """
    return [_rated(row, by_phase, prefix + row["name"]) for row in rows] if by_phase else rows


def _rated(row: Row, by_phase: RatesByPhase, path: str) -> Row:
    if "layers" in row:
        row = {**row, "layers": rated(row["layers"], by_phase, f"{path}/")}
    found = {name: it.layers[path] for name, it in by_phase.items() if path in it.layers}
    return {**row, "learning_rate_multiplier": found.get("", found)} if found else row


def print_rates(by_phase: RatesByPhase) -> None:
    """Prints the lowest and the highest rate of each layer, phase by phase."""
    print_by_phase("learning rates", by_phase, "the same for all layers")
